/** The reference strategy s*(c|x): the target of a query's code decision (E-step, eq. 5 of the paper). */
import { posteriorMean, probabilityBetter, type Trials } from './posterior.ts';
import { type DecisionPair, floorPrior } from './prior.ts';

export interface StrategyOptions {
  /**
   * `energy`: ∝ π_floor(c|x)·exp(α·Q̂), the optimum of expected reward with a KL penalty of 1/α towards the prior.
   * `paper`: ∝ exp(α·π(c|x)·Q̂), for reproduction. `hard`: all mass on the better arm.
   */
  readonly name: 'energy' | 'paper' | 'hard';
  readonly alpha: number;
  /** Lower bound of π(c|x) in `energy`. */
  readonly priorFloor: number;
  /**
   * Least P(one arm is better) of a target, from Beta posteriors; Q̂ is then the posterior mean. Absent: no target where the
   * observed shares differ by at most one standard error, and Q̂ is the observed share.
   */
  readonly confidence?: number;
}

/** Why a query has no decision target. */
export type NoTarget = 'tie' | 'unsolved';

/**
 * Q̂(x, c) of both arms. s* maximises Σ_c s(c)·E[Q(x, c)] minus a term without Q, so the posterior enters by its mean.
 */
export const valuesOf = (cot: Trials, code: Trials, { confidence }: StrategyOptions): DecisionPair =>
  confidence === undefined ? [shareRight(cot), shareRight(code)] : [posteriorMean(cot), posteriorMean(code)];

const shareRight = ({ right, n }: Trials): number => (n === 0 ? 0 : right / n);

function isTie(cot: Trials, code: Trials, { confidence }: StrategyOptions): boolean {
  if (confidence !== undefined) {
    const codeBetter = probabilityBetter(code, cot);
    return Math.max(codeBetter, 1 - codeBetter) < confidence;
  }
  const variance = (arm: Trials): number => (shareRight(arm) * (1 - shareRight(arm))) / arm.n;
  return Math.abs(shareRight(code) - shareRight(cot)) <= Math.sqrt(variance(cot) + variance(code));
}

function normalise(logWeights: DecisionPair): DecisionPair {
  const code = 1 / (1 + Math.exp(logWeights[0] - logWeights[1]));
  return [1 - code, code];
}

/**
 * s*(·|x), or the reason why there is none: no rollout of either arm is right (`unsolved`), or the rollouts don't show which
 * arm is better (`tie`).
 */
export function referenceStrategy(
  prior: DecisionPair,
  cot: Trials,
  code: Trials,
  options: StrategyOptions,
): DecisionPair | NoTarget {
  if (cot.right === 0 && code.right === 0) return 'unsolved';
  if (isTie(cot, code, options)) return 'tie';
  const { alpha } = options;
  const values = valuesOf(cot, code, options);
  switch (options.name) {
    case 'energy': {
      const floored = floorPrior(prior, options.priorFloor);
      return normalise([Math.log(floored[0]) + alpha * values[0], Math.log(floored[1]) + alpha * values[1]]);
    }
    case 'paper':
      return normalise([alpha * prior[0] * values[0], alpha * prior[1] * values[1]]);
    case 'hard':
      return values[1] > values[0] ? [0, 1] : [1, 0];
  }
}
