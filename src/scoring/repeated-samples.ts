/** Metrics of several samples per problem: avg@k, maj@k, pass@k, with 95 % intervals over the problems. */
import { groupByProblem } from '../methods/estimates.ts';
import type { ScoredSummary } from '../methods/scored-rollout.ts';
import type { Measure, RepeatedSamples } from '../protocol/evaluation-metrics.ts';
import { measureByItem, measureItems, measureMean } from './measure.ts';
import { type AnswerKey, type ArmResult, armResult } from './problem-results.ts';

/** Undefined if no sample of the arm was decided. A violation counts as a wrong sample. */
export const repeatedSamples = (
  rollouts: readonly ScoredSummary[],
  answerKey: AnswerKey,
): RepeatedSamples | undefined =>
  repeatedResults([...groupByProblem(rollouts).values()].map((group) => armResult(group, answerKey)));

/** The same from the results of one arm on each problem. */
export function repeatedResults(results: readonly ArmResult[]): RepeatedSamples | undefined {
  const k = plannedSamples(results);
  const problems = results.filter(({ n }) => n > 0);
  const avg = measureByItem(problems.map(({ n, right }) => right / n));
  const maj = measureMean(problems.map((problem) => problem.majority));
  if (avg === undefined || maj === undefined) return undefined;
  const pass = chosenSizes(k).flatMap((j): [string, Measure][] => {
    const values = problems.flatMap(({ n, right }) => (n < j ? [] : [passAt(j, n, right)]));
    const measure = measureItems(values.map((value) => ({ value, weight: 1 })));
    return measure === undefined ? [] : [[String(j), measure]];
  });
  return { k, avg, maj, pass: Object.fromEntries(pass) };
}

/** Planned samples per problem: no problem can have more. */
export const plannedSamples = (results: readonly ArmResult[]): number =>
  results.reduce((most, { planned }) => Math.max(most, planned), 0);

/** 1 − C(n−c, j) / C(n, j), computed as a product, which does not overflow. */
export function passAt(j: number, n: number, right: number): number {
  if (n - right < j) return 1;
  let allWrong = 1;
  for (let i = 0; i < j; i += 1) allWrong *= (n - right - i) / (n - i);
  return 1 - allWrong;
}

/** 1, 2, 4, … below k, and k itself. */
export function chosenSizes(k: number): number[] {
  const sizes: number[] = [];
  for (let j = 1; j < k; j *= 2) sizes.push(j);
  return [...sizes, k];
}
