/** Every metric of an evaluation as a value of one problem: the metric is the weighted mean over the problems. */
import { probabilityBetter, type Trials } from '../methods/posterior.ts';
import type { Arm } from '../rollout/types.ts';
import { crossFittedOracle } from './cross-fit.ts';
import type { Item } from './measure.ts';
import type { ProblemResult } from './problem-results.ts';

/** The metric's value of a problem; undefined where the problem says nothing about it. */
export type ProblemFigure = (problem: ProblemResult, sampling: EvaluationSampling) => Item | undefined;

export interface EvaluationSampling {
  /** Of the rollouts; 0 = greedy. */
  readonly temperature: number;
}

/** The arms count as different only if one is better with this probability. */
const SURE = 0.95;
const ROUNDING = 1e-9;

const item = (value: number | undefined): Item | undefined => (value === undefined ? undefined : { value, weight: 1 });

const meanOf = (count: Trials | undefined): number | undefined =>
  count === undefined || count.n === 0 ? undefined : count.right / count.n;

/** Both forced arms; undefined unless both have a verdict. */
function forced({ arms: { cot, code } }: ProblemResult) {
  const [cotMean, codeMean] = [meanOf(cot), meanOf(code)];
  if (cot === undefined || code === undefined || cotMean === undefined || codeMean === undefined) return undefined;
  return { cot, code, cotMean, codeMean };
}

/** One greedy rollout is all that an arm can do on a problem, so one of each arm compares them without noise. */
const isExact = (cot: Trials, code: Trials, { temperature }: EvaluationSampling): boolean =>
  temperature === 0 && cot.n === 1 && code.n === 1;

/** The arm that is better on the problem, and by how much; undefined unless that is sure. */
export function betterArm(
  problem: ProblemResult,
  sampling: EvaluationSampling,
): { readonly isCode: boolean; readonly weight: number } | undefined {
  const both = forced(problem);
  if (both === undefined) return undefined;
  const { cot, code, cotMean, codeMean } = both;
  const isSure = isExact(cot, code, sampling)
    ? cotMean !== codeMean
    : Math.abs(probabilityBetter(code, cot) - 0.5) >= SURE - 0.5 - ROUNDING;
  return isSure ? { isCode: codeMean > cotMean, weight: Math.abs(codeMean - cotMean) } : undefined;
}

const weighted = (value: number | undefined, weight: number): Item | undefined =>
  value === undefined ? undefined : { value, weight };

/** What taking the better arm earns; undefined for one sampled rollout an arm, which can't choose and judge. */
function oracleOf(problem: ProblemResult, sampling: EvaluationSampling): number | undefined {
  const both = forced(problem);
  if (both === undefined) return undefined;
  const { cot, code, cotMean, codeMean } = both;
  return isExact(cot, code, sampling) ? Math.max(cotMean, codeMean) : crossFittedOracle(cot, code);
}

export const accuracyOf =
  (arm: Arm): ProblemFigure =>
  ({ arms }) =>
    item(meanOf(arms[arm]));

/** Accuracy with undecided answers in the denominator, as wrong ones. */
export const strictAccuracyOf =
  (arm: Arm): ProblemFigure =>
  ({ arms }) => {
    const found = arms[arm];
    return found === undefined ? undefined : item(found.right / (found.n + found.undecided));
  };

/** Whether the strict accuracy of the arm differs from its accuracy. */
export const hasUndecided = (problems: readonly ProblemResult[], arm: Arm): boolean =>
  problems.some(({ arms }) => (arms[arm]?.undecided ?? 0) > 0);

export const codeRate: ProblemFigure = ({ autoCode }) => item(autoCode);

export const prefixMass: ProblemFigure = (problem) => item(problem.prefixMass);

export const priorCode: ProblemFigure = ({ prior }) => item(prior?.[1]);

/** pass@2 over the arms: one rollout of each, and at least one of them is right. */
export const either: ProblemFigure = (problem) => {
  const both = forced(problem);
  return both === undefined ? undefined : item(1 - (1 - both.cotMean) * (1 - both.codeMean));
};

export const oracle: ProblemFigure = (problem, sampling) => item(oracleOf(problem, sampling));

/** May be negative: `auto` can mix text and code, and is luckier than the oracle on some problems. */
export const regret: ProblemFigure = (problem, sampling) => {
  const [best, auto] = [oracleOf(problem, sampling), meanOf(problem.arms.auto)];
  return best === undefined || auto === undefined ? undefined : item(best - auto);
};

/** How often `auto` took the better arm. */
export const selectionGreedy: ProblemFigure = (problem, sampling) => {
  const better = betterArm(problem, sampling);
  const { autoCode } = problem;
  if (better === undefined || autoCode === undefined) return undefined;
  return weighted(better.isCode ? autoCode : 1 - autoCode, better.weight);
};

/** Probability of the better arm, at the temperature of the `auto` samples; at 1 where they are greedy. */
export const selectionSampled: ProblemFigure = (problem, sampling) => {
  const better = betterArm(problem, sampling);
  if (better === undefined || problem.prior === undefined) return undefined;
  const [cot, code] = problem.prior;
  const logOdds = (Math.log(code) - Math.log(cot)) / (sampling.temperature || 1);
  return weighted(1 / (1 + Math.exp(better.isCode ? -logOdds : logOdds)), better.weight);
};

export const precision: ProblemFigure = (problem, sampling) => {
  const better = betterArm(problem, sampling);
  if (better === undefined || (problem.autoCode ?? 0) < 0.5) return undefined;
  return weighted(better.isCode ? 1 : 0, better.weight);
};

export const recall: ProblemFigure = (problem, sampling) => {
  const better = betterArm(problem, sampling);
  return better?.isCode === true ? weighted(problem.autoCode, better.weight) : undefined;
};
