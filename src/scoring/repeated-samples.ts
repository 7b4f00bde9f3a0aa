/** Metrics of several samples per problem: avg@k, maj@k, pass@k, with 95 % intervals over the problems. */
import { groupByProblem } from '../methods/estimates.ts';
import { reward, type ScoredSummary } from '../methods/scored-rollout.ts';
import type { Measure, RepeatedSamples } from '../protocol/evaluation-metrics.ts';
import { measureByItem, measureMean } from './measure.ts';

/** The key of an answer in a vote: answers with equal keys are the same vote. */
export type AnswerKey = (answer: string) => string;

/** Undefined if no sample of the arm was decided. A violation counts as a wrong sample, unless it was graded. */
export function repeatedSamples(rollouts: readonly ScoredSummary[], answerKey: AnswerKey): RepeatedSamples | undefined {
  const groups = [...groupByProblem(rollouts).values()];
  const k = groups.reduce((most, group) => Math.max(most, group.length), 0);
  const problems = groups.flatMap((group) => {
    const decided = group.filter((rollout) => isRight(rollout) !== undefined);
    if (decided.length === 0) return [];
    const right = decided.filter((rollout) => isRight(rollout) === true).length;
    return [{ n: decided.length, right, majority: majority(decided, answerKey) }];
  });
  const avg = measureByItem(problems.map(({ n, right }) => right / n));
  const maj = measureMean(problems.map((problem) => problem.majority));
  if (avg === undefined || maj === undefined) return undefined;
  const pass = chosenSizes(k).flatMap((j): [string, Measure][] => {
    const values = problems.flatMap(({ n, right }) => (n < j ? [] : [passAt(j, n, right)]));
    const measure = j === k ? measureMean(values) : measureByItem(values);
    return measure === undefined ? [] : [[String(j), measure]];
  });
  return { k, avg, maj, pass: Object.fromEntries(pass) };
}

/** 1 − C(n−c, j) / C(n, j), computed as a product, which does not overflow. */
export function passAt(j: number, n: number, right: number): number {
  if (n - right < j) return 1;
  let allWrong = 1;
  for (let i = 0; i < j; i += 1) allWrong *= (n - right - i) / (n - i);
  return 1 - allWrong;
}

/** 1, 2, 4, … below k, and k itself. */
function chosenSizes(k: number): number[] {
  const sizes: number[] = [];
  for (let j = 1; j < k; j *= 2) sizes.push(j);
  return [...sizes, k];
}

const isRight = (rollout: ScoredSummary): boolean | undefined => {
  const value = reward(rollout);
  return value === undefined ? undefined : value === 1;
};

/**
 * 1 if the right answer has the most votes, 1/m if m answers tie with it, otherwise 0. All right answers are the same
 * vote; a sample without an answer has no vote.
 */
function majority(decided: readonly ScoredSummary[], answerKey: AnswerKey): number {
  let right = 0;
  const wrong = new Map<string, number>();
  for (const rollout of decided) {
    if (isRight(rollout) === true) right += 1;
    else if (rollout.state === 'completed' && rollout.answer !== undefined) {
      const key = answerKey(rollout.answer);
      wrong.set(key, (wrong.get(key) ?? 0) + 1);
    }
  }
  const most = Math.max(right, ...wrong.values());
  if (right === 0 || right < most) return 0;
  return 1 / (1 + [...wrong.values()].filter((votes) => votes === most).length);
}
