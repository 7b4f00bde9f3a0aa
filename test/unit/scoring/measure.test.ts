import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/formats/random.ts';
import { measureByItem, measureItems, measureMean, studentQuantile } from '../../../src/scoring/measure.ts';

describe("Student's quantile", () => {
  it.each([
    [1, 12.7062],
    [2, 4.30265],
    [3, 3.18245],
    [4, 2.77645],
    [5, 2.57058],
    [9, 2.26216],
    [29, 2.04523],
    [1000, 1.96234],
  ])('of %i degrees of freedom is that of the table', (df, expected) => {
    expect(Math.abs(studentQuantile(df) - expected)).toBeLessThan(0.004);
  });
});

describe('the interval of a mean of few items', () => {
  it('covers the truth in at least 93 % of samples, which the normal one does not', () => {
    const random = createRandom('coverage');
    const [runs, n] = [4000, 5];
    let covered = 0;
    for (let run = 0; run < runs; run += 1) {
      // The mean of three uniforms: nearly normal, with mean 1/2.
      const values = Array.from({ length: n }, () => (random.next() + random.next() + random.next()) / 3);
      const { low = 1, high = 0 } = measureByItem(values) ?? {};
      if (low <= 0.5 && 0.5 <= high) covered += 1;
    }
    expect(covered / runs).toBeGreaterThan(0.93);
    expect(covered / runs).toBeLessThan(0.97);
  });
});

describe('a weighted mean', () => {
  const items = fc.array(
    fc.record({
      value: fc.double({ min: -1, max: 1, noNaN: true }),
      weight: fc.double({ min: 0.01, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 20 },
  );
  it('lies in its interval, which does not depend on the unit of the weights', () => {
    fc.assert(
      fc.property(items, (all) => {
        const found = measureItems(all);
        const scaled = measureItems(all.map(({ value, weight }) => ({ value, weight: 7 * weight })));
        expect(found?.low).toBeLessThanOrEqual((found?.value ?? 0) + 1e-12);
        expect(found?.high).toBeGreaterThanOrEqual((found?.value ?? 0) - 1e-12);
        for (const of of ['value', 'low', 'high'] as const) expect(scaled?.[of]).toBeCloseTo(found?.[of] ?? 9, 9);
      }),
    );
  });

  it('of verdicts with equal weights is a share', () => {
    const verdicts = fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(verdicts, (all) => {
        expect(measureItems(all.map((value) => ({ value, weight: 1 })))).toEqual(measureMean(all));
      }),
    );
  });
});
