import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printable, printableLine } from '../../../src/formats/printable.ts';

/** What a terminal acts on, or shows in another order. */
function steers(mark: string): boolean {
  const code = mark.codePointAt(0) ?? 0;
  const isControl = (code < 0x20 && mark !== '\n' && mark !== '\t') || (code >= 0x7f && code <= 0x9f);
  const isDirection =
    [0x61c, 0x200e, 0x200f].includes(code) || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return isControl || isDirection || code === 0x2028 || code === 0x2029;
}

const hostile = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
    fc.integer({ min: 0x2000, max: 0x2070 }).map((code) => String.fromCharCode(code)),
    fc.constant('\u061c'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
});

it('leaves no character that steers a terminal, and all others as they are', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = printable(text);
      expect([...shown].filter(steers)).toEqual([]);
      expect(shown).toBe(
        [...text]
          .map((mark) => (steers(mark) ? `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}` : mark))
          .join(''),
      );
      expect([...printableLine(text)].filter((mark) => steers(mark) || mark === '\n' || mark === '\t')).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

it('does not change what JSON says', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(JSON.parse(printable(JSON.stringify({ text }, null, 2)))).toEqual({ text });
    }),
  );
});

it('shows an escape sequence as text', () => {
  expect(printable('a\u001b[2J\u001b]0;pwned\u0007\tb\n')).toBe('a\\u001b[2J\\u001b]0;pwned\\u0007\tb\n');
  expect(printableLine('a\nb\tc')).toBe('a\\u000ab\\u0009c');
});
