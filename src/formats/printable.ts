/** Texts of models, servers and files must not steer a terminal, nor look like other text than they are. */

/**
 * C0 and C1 controls but newline and tab, the marks and overrides of writing direction, and Unicode's line separators,
 * which some terminals take for newlines.
 */
const STEERING = /(?![\n\t])\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/gu;

/**
 * The text with control characters as escapes, e.g. `\u001b`. JSON stays the same JSON.
 *
 * @example printable('\u001b[2Jdone') // '\\u001b[2Jdone'
 */
export const printable = (text: string): string => text.replace(STEERING, escapeOf);

/** The same on one line: newlines and tabs are escaped too, as in a cell of a table. */
export const printableLine = (text: string): string => printable(text).replace(/[\n\t]/g, escapeOf);

/** `\u001b`; two escapes for a character beyond U+FFFF. */
export const escapeOf = (mark: string): string =>
  Array.from({ length: mark.length }, (_, at) => `\\u${mark.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
