import { expect, it } from 'vitest';
import { explainNoSignal } from '../../../src/methods/explain-no-signal.ts';
import type { ScoredSummary } from '../../../src/methods/scored-rollout.ts';
import type { Grade } from '../../../src/rollout/types.ts';
import { scored } from './scored.ts';

const golds = new Map([1, 2, 3, 4].map((n) => [`p${n}`, `gold ${n}`]));
const summary = (problemId: string, outcome: Grade | 'truncated', answer?: string): ScoredSummary => ({
  ...scored(problemId, 'cot', 0, outcome),
  ...(answer === undefined ? {} : { answer }),
});

it('with nothing right shows three golds and answers, each of another problem', () => {
  const summaries = ['p1', 'p1', 'p2', 'p3', 'p4'].map((id, at) => summary(id, 'incorrect', `answer ${at}`));
  expect(explainNoSignal(summaries, golds)).toMatch(
    /^none of 5 graded answers is right; .*: p1: gold "gold 1", answer "answer 0"; p2: gold "gold 2", answer "answer 2"; p3: gold "gold 3", answer "answer 3"$/,
  );
});

it('says that all are right, or that none has a verdict', () => {
  expect(explainNoSignal([summary('p1', 'correct')], golds)).toMatch(/^all 1 graded answers are right/);
  expect(explainNoSignal([summary('p1', 'undecided'), summary('p2', 'truncated')], golds)).toBe(
    'none of 2 rollouts has a verdict',
  );
});

it('says nothing where some are right: the curation kept none', () => {
  expect(explainNoSignal([summary('p1', 'correct'), summary('p1', 'incorrect')], golds)).toBeUndefined();
});
