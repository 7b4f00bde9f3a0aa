/**
 * Whether the text is a time as `toISOString` writes it, in a year of four digits: it may become a part of a file name.
 *
 * @example isInstant('2026-11-30T12:00:00.000Z') // true
 */
export function isInstant(text: string): boolean {
  const ms = Date.parse(text);
  return /^\d{4}-/.test(text) && !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}
