import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { posteriorMean, probabilityBetter, type Trials } from '../../../src/methods/posterior.ts';

const trials = (most: number): fc.Arbitrary<Trials> =>
  fc.nat(most).chain((n) => fc.nat(n).map((right) => ({ right, n })));

/** The definition, by the midpoint rule: ∫ f₁(y) F₀(y) dy. */
function integrated(one: Trials, zero: Trials, steps = 4000): number {
  const density = ({ right, n }: Trials, q: number): number => q ** right * (1 - q) ** (n - right);
  let [below, sum, area] = [0, 0, 0];
  for (let i = 0; i < steps; i += 1) {
    const q = (i + 0.5) / steps;
    const [f0, f1] = [density(zero, q), density(one, q)];
    sum += f1 * (below + f0 / 2);
    below += f0;
    area += f1;
  }
  return sum / (area * below);
}

describe('P(one arm is better)', () => {
  test('matches hand values', () => {
    expect(probabilityBetter({ right: 0, n: 0 }, { right: 0, n: 0 })).toBe(0.5);
    expect(probabilityBetter({ right: 1, n: 1 }, { right: 0, n: 1 })).toBeCloseTo(5 / 6, 14);
    // 1 − 1 / C(2K + 2, K + 1) for K of K against 0 of K.
    expect(probabilityBetter({ right: 4, n: 4 }, { right: 0, n: 4 })).toBeCloseTo(1 - 1 / 252, 14);
    // No tie by the standard error (0.125 > 0.117), and yet hardly known.
    expect(probabilityBetter({ right: 1, n: 8 }, { right: 0, n: 8 })).toBeCloseTo(13 / 17, 12);
  });

  test('is the integral over both posteriors', () => {
    fc.assert(
      fc.property(trials(20), trials(20), (one, zero) => {
        expect(probabilityBetter(one, zero)).toBeCloseTo(integrated(one, zero), 5);
      }),
      { numRuns: 60 },
    );
  });

  test('sums to 1 over the two arms, is ½ for equal counts, to 1e-11 up to 2,000 rollouts', () => {
    fc.assert(
      fc.property(trials(2000), trials(2000), (one, zero) => {
        const better = probabilityBetter(one, zero);
        expect(better).toBeGreaterThanOrEqual(0);
        expect(better).toBeLessThanOrEqual(1);
        expect(Math.abs(better + probabilityBetter(zero, one) - 1)).toBeLessThan(1e-11);
        expect(Math.abs(probabilityBetter(one, one) - 0.5)).toBeLessThan(1e-11);
      }),
      { numRuns: 2000 },
    );
  });

  // The first term of the sum is below the smallest number of double precision.
  test.each([
    [707, 1983, 1231, 1728],
    [1304, 1853, 782, 1927],
    [850, 1969, 1099, 1517],
    [1326, 1945, 622, 2000],
    [2000, 2000, 0, 2000],
  ])('sums to 1 over the two arms for %d of %d against %d of %d', (right1, n1, right0, n0) => {
    const [one, zero] = [
      { right: right1, n: n1 },
      { right: right0, n: n0 },
    ];
    expect(Math.abs(probabilityBetter(one, zero) + probabilityBetter(zero, one) - 1)).toBeLessThan(1e-11);
  });

  test('grows with every right rollout, and falls with every wrong one', () => {
    fc.assert(
      fc.property(trials(12), trials(12), (one, zero) => {
        const better = probabilityBetter(one, zero);
        expect(probabilityBetter({ right: one.right + 1, n: one.n + 1 }, zero)).toBeGreaterThan(better);
        expect(probabilityBetter({ right: one.right, n: one.n + 1 }, zero)).toBeLessThan(better);
      }),
    );
  });

  test.each([
    { right: -1, n: 2 },
    { right: 3, n: 2 },
    { right: 0.5, n: 2 },
    { right: 0, n: Number.NaN },
    { right: 0, n: Number.POSITIVE_INFINITY },
  ])('refuses %o', (given) => {
    expect(() => probabilityBetter(given, { right: 0, n: 1 })).toThrow(RangeError);
    expect(() => probabilityBetter({ right: 0, n: 1 }, given)).toThrow(RangeError);
  });
});

test('the posterior mean is the share of right rollouts, moved towards ½ by at most 1 / (n + 2)', () => {
  expect(posteriorMean({ right: 0, n: 0 })).toBe(0.5);
  expect(posteriorMean({ right: 0, n: 8 })).toBeCloseTo(0.1, 15);
  fc.assert(
    fc.property(trials(100), ({ right, n }) => {
      const mean = posteriorMean({ right, n });
      if (n === 0) return;
      const share = right / n;
      expect(Math.abs(mean - 0.5)).toBeLessThanOrEqual(Math.abs(share - 0.5) + 1e-12);
      expect(Math.abs(mean - share)).toBeLessThanOrEqual(1 / (n + 2) + 1e-12);
    }),
  );
});
