import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeProblems } from '../../../src/methods/cursor.ts';

describe('the problem cursor', () => {
  it('skips none and repeats none over a pass, and reorders the next pass', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 25 }), (size, count) => {
        const passes: number[][] = [[], []];
        for (let position = 0; position < 2 * size; ) {
          const taken = takeProblems(size, position, count, 'seed');
          expect(new Set(taken).size).toBe(taken.length);
          passes[Math.floor(position / size)]?.push(...taken);
          position += taken.length;
        }
        for (const pass of passes)
          expect([...pass].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
      }),
    );
    expect(takeProblems(50, 0, 50, 'seed')).not.toEqual(takeProblems(50, 50, 50, 'seed'));
  });

  it('is a function of the seed', () => {
    expect(takeProblems(10, 0, 10, 'seed')).toMatchInlineSnapshot(`
      [
        7,
        8,
        0,
        9,
        5,
        1,
        4,
        3,
        2,
        6,
      ]
    `);
  });
});
