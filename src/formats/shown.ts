import { escapeOf } from './printable.ts';

/** What a message may quote of a file from elsewhere: one line without control characters, cut to a length. */

const MAX_CHARACTERS = 120;

/** A text as it is; other values as JSON. @example shown([2, 3]) // '[2,3]' */
export function shown(value: unknown, maxCharacters = MAX_CHARACTERS): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const cut = text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
  // Controls, line separators, and marks that turn the direction of writing.
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, escapeOf);
}

/** Like `shown`, with a text in quotes. @example shownJson('gpt2') // '"gpt2"' */
export const shownJson = (value: unknown): string => shown(JSON.stringify(value) ?? String(value));
