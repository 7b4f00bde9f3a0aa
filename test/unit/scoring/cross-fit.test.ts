import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/formats/random.ts';
import type { ScoredSummary } from '../../../src/methods/scored-rollout.ts';
import { crossFittedOracle } from '../../../src/scoring/cross-fit.ts';
import { evaluationMetrics } from '../../../src/scoring/evaluation-metrics.ts';
import { scored } from '../methods/scored.ts';

const trials = fc.tuple(fc.integer({ min: 2, max: 24 }), fc.nat()).map(([n, seed]) => ({ n, right: seed % (n + 1) }));

describe('the cross-fitted oracle of a problem', () => {
  it('is the mean over all ways to halve the samples', () => {
    const rights = fc.array(fc.boolean(), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(rights, rights, (cot, code) => {
        const count = (all: readonly boolean[]) => ({ n: all.length, right: all.filter(Boolean).length });
        const found = crossFittedOracle(count(cot), count(code));
        const [floor, ceil] = [Math.floor, Math.ceil].map((round) =>
          byEnumeration(cot, round(cot.length / 2), code, round(code.length / 2)),
        ) as [number, number];
        const expected = cot.length % 2 === 0 && code.length % 2 === 0 ? floor : (floor + ceil) / 2;
        expect(found).toBeCloseTo(expected, 10);
      }),
    );
  });

  it('never exceeds the larger of the two means, which favours the luckier arm, and does not depend on their order', () => {
    fc.assert(
      fc.property(trials, trials, (cot, code) => {
        const found = crossFittedOracle(cot, code) ?? Number.NaN;
        expect(found).toBeGreaterThanOrEqual(0);
        expect(found).toBeLessThanOrEqual(Math.max(cot.right / cot.n, code.right / code.n) + 1e-9);
        expect(found).toBeCloseTo(crossFittedOracle(code, cot) ?? Number.NaN, 10);
      }),
    );
  });

  it('is that of the arms where they are certain, and nothing with one sample', () => {
    expect(crossFittedOracle({ right: 4, n: 4 }, { right: 0, n: 4 })).toBeCloseTo(1, 12);
    expect(crossFittedOracle({ right: 0, n: 3 }, { right: 0, n: 5 })).toBe(0);
    expect(crossFittedOracle({ right: 1, n: 1 }, { right: 0, n: 4 })).toBeUndefined();
  });
});

/** All choices of judges, with the others scored. */
function byEnumeration(cot: readonly boolean[], cotJudges: number, code: readonly boolean[], codeJudges: number) {
  const halves = (all: readonly boolean[], judges: number) =>
    Array.from({ length: 2 ** all.length }, (_, set) => all.map((_value, at) => ((set >> at) & 1) === 1))
      .filter((chosen) => chosen.filter(Boolean).length === judges)
      .map((chosen) => {
        const mean = (isJudge: boolean) => {
          const part = all.filter((_, at) => chosen[at] === isJudge);
          return part.filter(Boolean).length / part.length;
        };
        return { judged: mean(true), score: mean(false) };
      });
  const scores = halves(cot, cotJudges).flatMap((a) =>
    halves(code, codeJudges).map((b) => {
      if (Math.abs(a.judged - b.judged) < 1e-12) return (a.score + b.score) / 2;
      return a.judged > b.judged ? a.score : b.score;
    }),
  );
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** An evaluation of arms whose true accuracy on every problem is drawn; `auto` takes the better arm always or never. */
function simulate(seed: string, problems: number, k: number, accuracies: () => readonly [cot: number, code: number]) {
  const random = createRandom(seed);
  const rollouts: ScoredSummary[] = [];
  let perfect = 0;
  for (let at = 0; at < problems; at += 1) {
    const [cot, code] = accuracies();
    perfect += Math.max(cot, code) / problems;
    for (let sample = 0; sample < k; sample += 1)
      for (const [arm, p] of [
        ['cot', cot],
        ['code', code],
        ['auto', Math.max(cot, code)],
      ] as const)
        rollouts.push(
          scored(
            `p${at}`,
            arm,
            sample,
            random.next() < p ? 'correct' : 'incorrect',
            arm === 'auto' ? code > cot : undefined,
          ),
        );
  }
  return { metrics: evaluationMetrics(rollouts, new Map(), undefined, { temperature: 1 }), perfect };
}

describe('the oracle of a sampled evaluation', () => {
  it.each([2, 3, 4, 8, 16])('is .5 for two arms of equal accuracy .5, with %i samples', (k) => {
    const { metrics } = simulate(`equal ${k}`, 1500, k, () => [0.5, 0.5]);
    // More than 3 standard errors of a mean over 1,500 problems with 2 samples.
    expect(metrics.oracle?.value).toBeCloseTo(0.5, 1);
    expect(Math.abs((metrics.oracle?.value ?? 0) - 0.5)).toBeLessThan(0.04);
    expect(Math.abs(metrics.regret?.value ?? 1)).toBeLessThan(0.04);
    expect(metrics.either?.value).toBeCloseTo(0.75, 1);
  });

  it.each([1, 4, 8])('never exceeds what a perfect decider reaches, with %i samples, but for noise', (k) => {
    const random = createRandom('accuracies');
    const { metrics, perfect } = simulate(`any ${k}`, 1000, k, () => [random.next(), random.next()]);
    if (k === 1) expect(metrics.oracle).toBeUndefined();
    else expect(metrics.oracle?.low).toBeLessThan(perfect);
  });

  it('counts few problems of equal arms as differing, and selection of a perfect decider is near 1 elsewhere', () => {
    for (const p of [0.1, 0.3, 0.5, 0.7, 0.9])
      for (const k of [4, 8]) {
        const { metrics } = simulate(`noise ${p} ${k}`, 300, k, () => [p, p]);
        expect((metrics.selectionAccuracy.greedy?.n ?? 0) / 300).toBeLessThan(0.1);
      }
    const random = createRandom('sides');
    const { metrics } = simulate('apart', 500, 8, () => (random.next() < 0.5 ? [0.9, 0.2] : [0.2, 0.9]));
    expect(metrics.selectionAccuracy.greedy?.n).toBeGreaterThan(350);
    expect(metrics.selectionAccuracy.greedy?.value).toBeGreaterThan(0.99);
  });
});
