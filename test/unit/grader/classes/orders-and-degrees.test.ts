import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdict } from '../extract/arbitraries.ts';

describe('a tuple with its names', () => {
  it('is read in the order of the names', () => {
    const pair = fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 100, max: 199 }));
    fc.assert(
      fc.property(pair, fc.constantFrom(['x', 'y'], ['a', 'b'], ['p', 'q']), ([first, second], [one, two]) => {
        expect(verdict(`(${first},${second})`, `(${two},${one})=(${second},${first})`)).toBe('correct');
        expect(verdict(`(${first},${second})`, `(${two},${one})=(${first},${second})`)).toBe('incorrect');
        expect(verdict(`(${first},${second})`, `(${one},${two})=(${first},${second})`)).toBe('correct');
      }),
      { numRuns: 60 },
    );
  });
});

describe('an angle in degrees', () => {
  it('is no temperature and no minutes of arc', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 179 }), (n) => {
        for (const answer of [
          `${n}°C`,
          `\\boxed{${n}^\\circ \\text{F}}`,
          `${n} degrees Celsius`,
          `${n}'`,
          `\\boxed{${n}'}`,
        ])
          expect([answer, verdict(`${n}^\\circ`, answer)]).toEqual([answer, 'incorrect']);
        for (const answer of [`${n}°`, `${n}`, `${n} degrees`, `\\boxed{${n}^{\\circ}}`])
          expect([answer, verdict(`${n}^\\circ`, answer)]).toEqual([answer, 'correct']);
        expect(verdict(`${n}^\\circ C`, `${n}°C`)).toBe('correct');
      }),
      { numRuns: 40 },
    );
  });
});
