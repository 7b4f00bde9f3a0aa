import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdictOf } from '../verdict.ts';

/** The doubles next to a number, as a chain of computations leaves them. */
function nudged(value: number, steps: number): number {
  let result = value;
  for (let k = 0; k < Math.abs(steps); k++) result *= 1 + Math.sign(steps) * Number.EPSILON;
  return result;
}

const steps = fc.integer({ min: -6, max: 6 });
const numerator = fc.integer({ min: 1, max: 999 });
const denominator = fc.integer({ min: 2, max: 99 });

describe('a full-precision double', () => {
  it('answers the exact number that it stands for', () => {
    fc.assert(
      fc.property(numerator, denominator, steps, (p, q, k) => {
        fc.pre(String(nudged(p / q, k)).replace(/\D|^0+/g, '').length >= 15);
        expect(verdictOf(`\\frac{${p}}{${q}}`, `\\boxed{${nudged(p / q, k)}}`)).toBe('correct');
        expect(verdictOf(`-\\frac{${p}}{${q}}`, `\\boxed{${nudged(-p / q, k)}}`)).toBe('correct');
      }),
    );
    fc.assert(
      fc.property(numerator, denominator, steps, (p, q, k) => {
        const value = nudged(p * Math.sqrt(q), k);
        fc.pre(!Number.isInteger(Math.sqrt(q)) && String(value).replace(/\D|^0+/g, '').length >= 15);
        expect(verdictOf(`${p}\\sqrt{${q}}`, `\\boxed{${value}}`)).toBe('correct');
      }),
    );
  });

  it('answers an integer, and only that one', () => {
    fc.assert(
      fc.property(numerator, fc.integer({ min: 1, max: 6 }), fc.boolean(), (n, k, isBelow) => {
        const value = nudged(n, isBelow ? -k : k);
        expect(verdictOf(`${n}`, `\\boxed{${value}}`)).toBe('correct');
        expect(verdictOf(`${n + 1}`, `\\boxed{${value}}`)).toBe('incorrect');
        expect(verdictOf(`-${n}`, `\\boxed{${value}}`)).toBe('incorrect');
      }),
    );
  });

  it('is no other number that agrees to fewer digits', () => {
    fc.assert(
      fc.property(numerator, denominator, fc.integer({ min: 3, max: 12 }), (p, q, digits) => {
        const value = (p / q) * (1 + 3 * 10 ** -digits);
        fc.pre(String(value).replace(/\D|^0+/g, '').length >= 15);
        expect(verdictOf(`\\frac{${p}}{${q}}`, `\\boxed{${value}}`)).toBe('incorrect');
      }),
    );
  });
});

describe('rounding', () => {
  it('does not apply to golds of one or two digits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 1, max: 99 }),
        (n, places, more) => {
          const gold = (n / 10 ** places).toFixed(places);
          fc.pre(more % 10 !== 0);
          expect(verdictOf(gold, `\\boxed{${gold}${String(more).padStart(2, '0')}}`)).toBe('incorrect');
        },
      ),
    );
  });

  it('takes an exact value for a decimal gold of three digits, and no neighbour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), fc.constantFrom(7, 11, 13, 17), (p, q) => {
        const gold = (p / q).toFixed(2);
        fc.pre(Number(gold) >= 1 && !Number.isInteger(p / q));
        expect(verdictOf(gold, `\\boxed{\\frac{${p}}{${q}}}`)).toBe('correct');
        expect(verdictOf(gold, `\\boxed{\\frac{${p + 1}}{${q}}}`)).toBe('incorrect');
      }),
    );
  });
});
