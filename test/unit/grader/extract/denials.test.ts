import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { twoIntegers, verdict } from './arbitraries.ts';

const announced = fc.constantFrom(
  (n: number) => `The answer is ${n}.`,
  (n: number) => `So \\boxed{${n}}.`,
  (n: number) => `#### ${n}\n\n`,
);

describe('a value that the text denies by its name', () => {
  const denied = fc.constantFrom(
    (n: number) => `But ${n} fails the second equation.`,
    (n: number) => `Checking: ${n} does not satisfy the equation.`,
    (n: number) => `However, ${n} is not even.`,
    (n: number) => `Yet ${n} violates the condition.`,
  );

  it('is no answer', () => {
    fc.assert(
      fc.property(announced, denied, fc.integer({ min: 2, max: 999 }), (announce, deny, n) => {
        const response = `${announce(n)} ${deny(n)}`;
        expect([response, verdict(`${n}`, response)]).toEqual([response, 'incorrect']);
      }),
      { numRuns: 150 },
    );
  });

  it('is one where another value is denied', () => {
    fc.assert(
      fc.property(announced, twoIntegers, (announce, [a, b]) => {
        for (const response of [`${announce(a)} Note that ${b} is not possible.`, `${announce(a)} (and not ${b})`])
          expect([response, verdict(`${a}`, response)]).toEqual([response, 'correct']);
      }),
      { numRuns: 60 },
    );
  });

  it('is none in a box behind a denial', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 999 }), (n) => {
        for (const response of [`$x \\neq \\boxed{${n}}$`, `It is not \\boxed{${n}}`])
          expect([response, verdict(`${n}`, response)]).toEqual([response, 'incorrect']);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a sign', () => {
  const worded = fc.constantFrom(
    (n: number) => `So x equals negative ${n}.`,
    (n: number) => `Es ergibt sich minus ${n}.`,
    (n: number) => `La valeur cherchée est moins ${n}.`,
    (n: number) => `结果是负${n}。`,
    (n: number) => `Итак, получаем минус ${n}.`,
    (n: number) => `$x = -\\boxed{${n}}$`,
  );

  it('in words or before the box belongs to the value', () => {
    fc.assert(
      fc.property(worded, fc.integer({ min: 2, max: 999 }), (state, n) => {
        const response = state(n);
        expect([response, verdict(`${-n}`, response), verdict(`${n}`, response)]).toEqual([
          response,
          'correct',
          'incorrect',
        ]);
      }),
      { numRuns: 150 },
    );
  });

  it('is none in a difference', () => {
    fc.assert(
      fc.property(twoIntegers, ([a, b]) => {
        const response = `The answer is ${a + b} minus ${b}, i.e. ${a}.`;
        expect([response, verdict(`${a}`, response)]).toEqual([response, 'correct']);
      }),
      { numRuns: 60 },
    );
  });
});
