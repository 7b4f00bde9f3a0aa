import { describe, expect, it } from 'vitest';
import type { ScoredSummary } from '../../../src/methods/scored-rollout.ts';
import type { StrategyOptions } from '../../../src/methods/strategy.ts';
import type { Arm, Problem } from '../../../src/rollout/types.ts';
import { type EvaluatedProblem, evaluatedProblems, withMark } from '../../../src/scoring/evaluated-problem.ts';
import { problemResults } from '../../../src/scoring/problem-results.ts';

const PROBLEM: Problem = { id: 'p', problem: 'What is 1 + 1?', answer: '2' };
const STRATEGY: StrategyOptions = { name: 'energy', alpha: 2, priorFloor: 0 };

/** `✓`, `✗`, `?` undecided, `…` truncated; in capitals of `auto`, C ran code and T did not. */
function rollouts(arm: Arm, verdicts: string, ranCode = arm === 'code'): ScoredSummary[] {
  return [...verdicts].map((verdict, sample) => ({
    id: `p#${arm}#${sample}`,
    problemId: 'p',
    arm,
    sample,
    seed: '',
    state: verdict === '…' ? 'truncated' : 'completed',
    ranCode,
    promptTokens: 1,
    modelTokens: 1,
    toolTokens: 0,
    logProbSum: 0,
    ...(verdict === '…' ? {} : { grade: verdict === '✓' ? 'correct' : verdict === '?' ? 'undecided' : 'incorrect' }),
  }));
}

function rowOf(
  given: { readonly auto?: string; readonly took?: 'cot' | 'code'; readonly cot: string; readonly code: string },
  temperature = 0,
): EvaluatedProblem {
  const summaries = [
    ...rollouts('auto', given.auto ?? '', given.took === 'code'),
    ...rollouts('cot', given.cot),
    ...rollouts('code', given.code),
  ];
  const results = problemResults(summaries, new Map([['p', [Math.log(0.9), Math.log(0.1)]]]), (answer) => answer);
  const [row] = evaluatedProblems({ problems: [PROBLEM], summaries, results, sampling: { temperature } }, STRATEGY);
  if (row === undefined) throw new Error('no row');
  return row;
}

it('has the decision, the verdicts of every arm, s* and the regret', () => {
  const row = rowOf({ auto: '✗', took: 'cot', cot: '✗', code: '✓' });
  expect(row).toMatchObject({ problem: PROBLEM, autoCode: 0, taken: 'cot', better: 'code', regret: 1 });
  expect(row.priorCode).toBeCloseTo(0.1, 12);
  expect(row.arms.code).toEqual({ right: 1, n: 1, undecided: 0 });
  // Odds of π, 1 : 9, times exp(α · 1).
  expect(row.target).toBeCloseTo(Math.exp(2) / (Math.exp(2) + 9), 12);
  expect(row.marks).toEqual(['wrong-arm']);
});

describe.each([
  ['the better arm is no mistake', { auto: '✓', took: 'code', cot: '✗', code: '✓' }, 0, []],
  ['equal arms are no mistake', { auto: '✓', took: 'cot', cot: '✓', code: '✓' }, 0, []],
  ['one sample an arm shows no better arm', { auto: '✗', took: 'cot', cot: '✗', code: '✓' }, 1, []],
  ['four of four against none do', { auto: '✗', took: 'cot', cot: '✗✗✗✗', code: '✓✓✓✓' }, 1, ['wrong-arm']],
  ['neither arm is right', { auto: '✗', took: 'cot', cot: '✗', code: '✗' }, 0, ['both-fail']],
  ['an arm without a verdict has not failed', { cot: '✗', code: '?' }, 0, ['undecided']],
  ['a truncated rollout is a failure too', { cot: '…', code: '✗' }, 0, ['both-fail', 'truncated']],
] as const)('%s', (_, given, temperature, marks) => {
  it(`is marked ${marks.join(' and ') || 'by nothing'}`, () => {
    const row = rowOf(given, temperature);
    expect(row.marks).toEqual(marks);
    for (const mark of marks) expect(withMark([row], mark)).toEqual([row]);
    expect(withMark([row], undefined)).toEqual([row]);
  });
});

it('says why there is no target', () => {
  expect(rowOf({ cot: '✗✗', code: '✗✗' })).toMatchObject({ noTarget: 'unsolved' });
  expect(rowOf({ cot: '✓✗', code: '✓✗' })).toMatchObject({ noTarget: 'tie' });
});

it('has a row for a problem whose rollouts are all lost', () => {
  const parts = { problems: [PROBLEM], summaries: [], results: new Map(), sampling: { temperature: 0 } };
  expect(evaluatedProblems(parts, STRATEGY)).toEqual([{ problem: PROBLEM, arms: {}, marks: [] }]);
});
