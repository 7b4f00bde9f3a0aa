import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TokenByteTable } from '../../../src/sampler/engine/messages.ts';
import { StopMatcher } from '../../../src/sampler/engine/stop-matcher.ts';

/** Tokens 0-255 are single bytes, those after it the given texts. */
function tableOf(texts: readonly string[]): TokenByteTable {
  const pieces = [
    ...Array.from({ length: 256 }, (_, byte) => Buffer.of(byte)),
    ...texts.map((text) => Buffer.from(text)),
  ];
  const offsets = new Uint32Array(pieces.length + 1);
  for (const [i, piece] of pieces.entries()) offsets[i + 1] = (offsets[i] ?? 0) + piece.length;
  return { bytes: Buffer.concat(pieces), offsets };
}

it('stops at the first token after which the text holds a stop string, however the text is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', '\n', '`', '``', 'é', '🦆'), { minLength: 1, maxLength: 30 }),
      fc.uniqueArray(fc.constantFrom('\n```', 'ab', 'é', 'aab', '🦆`', 'b'), { minLength: 1, maxLength: 3 }),
      (texts, stops) => {
        const matcher = new StopMatcher(tableOf(texts), stops);
        const found = texts.findIndex((_, i) => matcher.push(256 + i));
        const wanted = texts.findIndex((_, i) => {
          const written = texts.slice(0, i + 1).join('');
          return stops.some((stop) => written.includes(stop));
        });
        expect(found).toBe(wanted);
      },
    ),
  );
});

it('finds a character whose bytes came one token at a time', () => {
  const matcher = new StopMatcher(tableOf([]), ['🦆']);
  expect([...Buffer.from('a🦆')].map((byte) => matcher.push(byte))).toEqual([false, false, false, false, true]);
});
