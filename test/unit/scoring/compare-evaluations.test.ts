import { describe, expect, it } from 'vitest';
import { commonProblems, comparePaired, type EvaluatedProblems } from '../../../src/scoring/compare-evaluations.ts';
import { problemResults } from '../../../src/scoring/problem-results.ts';
import { scored } from '../methods/scored.ts';

/** Rights of `auto` by problem, each of `k` samples. */
const evaluated = (rights: Readonly<Record<string, number>>, k = 1): EvaluatedProblems => ({
  sampling: { temperature: k === 1 ? 0 : 1 },
  results: problemResults(
    Object.entries(rights).flatMap(([id, right]) =>
      Array.from({ length: k }, (_, at) => scored(id, 'auto', at, at < right ? 'correct' : 'incorrect')),
    ),
    new Map(),
    (answer) => answer,
  ),
});

describe('two evaluations', () => {
  it('are paired on their common problems only if one has no others', () => {
    const [all, few, other] = [evaluated({ a: 1, b: 0, c: 1 }), evaluated({ c: 0, a: 1 }), evaluated({ a: 1, d: 1 })];
    expect(commonProblems(all, few)?.toSorted()).toEqual(['a', 'c']);
    expect(commonProblems(few, all)?.toSorted()).toEqual(['a', 'c']);
    expect(commonProblems(few, other)).toBeUndefined();
    expect(commonProblems(evaluated({}), all)).toBeUndefined();
  });

  it('of equal samples compare avg@k, maj@k and pass@j; of unequal ones the accuracy', async () => {
    const [left, right, once] = [evaluated({ a: 4, b: 1 }, 4), evaluated({ a: 4, b: 3 }, 4), evaluated({ a: 1, b: 1 })];
    const names = async (a: EvaluatedProblems, b: EvaluatedProblems) =>
      (await comparePaired(a, b, ['a', 'b'], 's')).map(({ figure }) => figure);
    expect((await names(left, right)).slice(0, 4)).toEqual(['auto avg@4', 'auto maj@4', 'auto pass@2', 'auto pass@4']);
    expect((await names(left, once))[0]).toBe('auto accuracy');
    const [avg] = await comparePaired(left, right, ['a', 'b'], 's');
    expect(avg).toMatchObject({ left: { value: 5 / 8 }, right: { value: 7 / 8 }, difference: { value: 1 / 4, n: 2 } });
  });

  it('say nothing about what neither measured', async () => {
    const figures = await comparePaired(evaluated({ a: 1 }), evaluated({ a: 1 }), ['a'], 's');
    expect(figures.map(({ figure }) => figure)).toEqual(['auto accuracy', 'code rate']);
  });
});
