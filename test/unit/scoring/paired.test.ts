import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/formats/random.ts';
import { apart } from '../../../src/scoring/compare-evaluations.ts';
import { measureMean } from '../../../src/scoring/measure.ts';
import { type ItemPair, mcNemar, pairedDifferences } from '../../../src/scoring/paired.ts';

const item = (value: number) => ({ value, weight: 1 });

/** `counts` problems by what left and right reached. */
function pairsOf(counts: { both: number; left: number; right: number; none: number }): ItemPair[] {
  const of = (n: number, left: number, right: number) =>
    Array.from({ length: n }, () => ({ left: item(left), right: item(right) }));
  return [...of(counts.both, 1, 1), ...of(counts.left, 1, 0), ...of(counts.right, 0, 1), ...of(counts.none, 0, 0)];
}
const differenceOf = async (pairs: readonly ItemPair[], seed = 's') =>
  (await pairedDifferences([pairs], createRandom(seed)))[0];

describe("McNemar's exact p", () => {
  it('is that of the binomial table', () => {
    expect(mcNemar(35, 55)).toBeCloseTo(0.0446, 3);
    expect(mcNemar(0, 5)).toBeCloseTo(2 / 32, 12);
    expect(mcNemar(3, 3)).toBe(1);
    expect(mcNemar(0, 0)).toBe(1);
    expect(mcNemar(4000, 6000)).toBeLessThan(1e-80);
  });
});

describe('a paired difference', () => {
  // The example of 500 problems, .60 against .64, with 35 and 55 that only one side solves.
  const example = pairsOf({ both: 265, left: 35, right: 55, none: 145 });

  it('sees what two independent intervals miss', async () => {
    const found = await differenceOf(example);
    expect(found).toMatchObject({ n: 500, leftAbove: 35, rightAbove: 55 });
    expect(found?.value).toBeCloseTo(0.04, 12);
    expect(((found?.high ?? 0) - (found?.low ?? 0)) / 2).toBeCloseTo(0.037, 2);
    expect(found?.low).toBeGreaterThan(0);
    const sides = [example.map(({ left }) => left?.value ?? 0), example.map(({ right }) => right?.value ?? 0)];
    const [left, right] = sides.map((values) => measureMean(values));
    if (left === undefined || right === undefined) throw new Error('not measured');
    expect(apart(left, right).low).toBeLessThan(0);
  });

  it('is the same for the same seed, and the mirrored one for swapped sides', async () => {
    expect(await differenceOf(example)).toEqual(await differenceOf(example));
    const swapped = await differenceOf(example.map(({ left, right }) => ({ left: right, right: left })));
    expect(swapped).toMatchObject({ leftAbove: 55, rightAbove: 35 });
    expect(swapped?.value).toBeCloseTo(-0.04, 12);
  });

  it('covers the true difference in about 95 of 100 pairs of evaluations', async () => {
    const random = createRandom('coverage');
    let covered = 0;
    for (let run = 0; run < 60; run += 1) {
      const pairs = Array.from({ length: 80 }, () => {
        const difficulty = random.next();
        const solve = (bonus: number) => item(random.next() < difficulty * 0.8 + bonus ? 1 : 0);
        return { left: solve(0), right: solve(0.1) };
      });
      const found = await differenceOf(pairs, `${run}`);
      if (found !== undefined && found.low <= 0.1 && 0.1 <= found.high) covered += 1;
    }
    expect(covered).toBeGreaterThanOrEqual(52);
  });

  it('holds its value, and is never certain where no problem differs', async () => {
    const pair = fc.record({ left: fc.option(fc.constantFrom(0, 1)), right: fc.option(fc.constantFrom(0, 1)) });
    await fc.assert(
      fc.asyncProperty(fc.array(pair, { minLength: 1, maxLength: 12 }), async (all) => {
        const pairs = all.map(({ left, right }) => ({
          left: left === null ? undefined : item(left),
          right: right === null ? undefined : item(right),
        }));
        const found = await differenceOf(pairs);
        const isMeasured =
          pairs.some(({ left }) => left !== undefined) && pairs.some(({ right }) => right !== undefined);
        expect(found !== undefined).toBe(isMeasured);
        if (found === undefined) return;
        expect(found.low).toBeLessThanOrEqual(found.value);
        expect(found.high).toBeGreaterThanOrEqual(found.value);
      }),
      { numRuns: 40 },
    );
    const same = await differenceOf(pairsOf({ both: 10, left: 0, right: 0, none: 10 }));
    expect(same?.low).toBeLessThan(-0.1);
    expect(same?.high).toBeGreaterThan(0.1);
  });
});
