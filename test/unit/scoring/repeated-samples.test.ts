import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScoredSummary } from '../../../src/methods/scored-rollout.ts';
import { measureByItem, measureMean } from '../../../src/scoring/measure.ts';
import { passAt, repeatedSamples } from '../../../src/scoring/repeated-samples.ts';
import { scored } from '../methods/scored.ts';

/** Samples of one problem, each `right`, a wrong answer, or how it ended without one. */
const samples = (problem: string, ...outcomes: readonly string[]): ScoredSummary[] =>
  outcomes.map((outcome, at) => {
    if (outcome === 'right') return scored(problem, 'auto', at, 'correct');
    if (outcome === 'truncated' || outcome === 'violation' || outcome === 'infrastructure' || outcome === 'undecided')
      return scored(problem, 'auto', at, outcome);
    return { ...scored(problem, 'auto', at, 'incorrect'), answer: outcome };
  });
const key = (answer: string): string => answer.replace('.0', '');

describe('pass@k', () => {
  it('is the share of all choices of k samples that hold a right one', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), fc.nat(), (rights, seed) => {
        const n = rights.length;
        const k = (seed % n) + 1;
        let choices = 0;
        let holding = 0;
        for (let set = 0; set < 2 ** n; set += 1) {
          const chosen = rights.filter((_, at) => (set >> at) & 1);
          if (chosen.length !== k) continue;
          choices += 1;
          if (chosen.includes(true)) holding += 1;
        }
        expect(passAt(k, n, rights.filter(Boolean).length)).toBeCloseTo(holding / choices, 12);
      }),
    );
  });

  it('does not overflow with ten thousand samples', () => {
    expect(passAt(5000, 10_000, 1)).toBeCloseTo(0.5, 9);
  });
});

describe('repeated samples', () => {
  const found = repeatedSamples(
    [
      ...samples('a', 'right', 'right', '7', '8'),
      ...samples('b', 'right', '3', '3.0', 'truncated'),
      ...samples('c', 'right', '5', 'infrastructure', 'undecided'),
      ...samples('d', 'violation', 'violation', 'violation', 'truncated'),
    ],
    key,
  );

  it('match hand values, with ties shared and what was not decided left out', () => {
    expect(found?.k).toBe(4);
    expect(found?.avg).toMatchObject({ value: (0.5 + 0.25 + 0.5 + 0) / 4, n: 4 });
    expect(found?.maj).toMatchObject({ value: (1 + 0 + 0.5 + 0) / 4, n: 4 });
    expect(found?.pass['1']?.value).toBeCloseTo(found?.avg.value ?? 0, 12);
    expect(found?.pass['2']).toMatchObject({ value: (5 / 6 + 1 / 2 + 1 + 0) / 4, n: 4 });
    expect(found?.pass['4']).toMatchObject({ value: 2 / 3, n: 3 });
  });

  it('are nothing where nothing was decided', () => {
    expect(repeatedSamples(samples('a', 'infrastructure', 'undecided'), key)).toBeUndefined();
  });

  it('never fall from pass@j to pass@2j on the same problems, and hold their means inside their intervals', () => {
    const outcome = fc.constantFrom('right', '1', '2', 'truncated', 'violation');
    fc.assert(
      fc.property(
        fc.array(fc.array(outcome, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 9 }),
        (all) => {
          const result = repeatedSamples(
            all.flatMap((outcomes, at) => samples(`p${at}`, ...outcomes)),
            key,
          );
          const passes = Object.values(result?.pass ?? {});
          for (const [at, measure] of passes.entries()) {
            expect(measure.value).toBeGreaterThanOrEqual((passes[at - 1]?.value ?? 0) - 1e-12);
            expect(measure.low).toBeLessThanOrEqual(measure.value);
            expect(measure.high).toBeGreaterThanOrEqual(measure.value);
          }
        },
      ),
    );
  });
});

describe('the interval over problems', () => {
  it('is that of Student from their spread', () => {
    const { low, high } = measureByItem([0.25, 0.5, 0.5, 0.75]) ?? { low: 0, high: 0 };
    // t of 3 degrees of freedom, from a table.
    const half = 3.182446 * Math.sqrt(1 / 24 / 4);
    expect([low, high]).toEqual([expect.closeTo(0.5 - half, 3), expect.closeTo(0.5 + half, 3)]);
  });

  it('is Wilson’s where all problems are alike, so that it never has no width', () => {
    expect(measureByItem([1, 1, 1])).toEqual(measureMean([1, 1, 1]));
  });
});
