/** The reference strategy s*(c|x): the target of a query's code decision (E-step, eq. 5 of the paper). */
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
}

/** Why a query has no decision target. */
export type NoTarget = 'tie' | 'unsolved';

export interface ArmEstimate {
  /** Q̂(x, c): mean verdict over valid rollouts. */
  readonly mean: number;
  /** Valid rollouts. */
  readonly n: number;
}

/** Standard error of Q̂(x, code) − Q̂(x, cot). */
function differenceError(cot: ArmEstimate, code: ArmEstimate): number {
  return Math.sqrt((cot.mean * (1 - cot.mean)) / cot.n + (code.mean * (1 - code.mean)) / code.n);
}

function normalise(logWeights: DecisionPair): DecisionPair {
  const code = 1 / (1 + Math.exp(logWeights[0] - logWeights[1]));
  return [1 - code, code];
}

/**
 * s*(·|x), or the reason why there is none: both arms have Q̂ = 0 (`unsolved`), or the difference is within its standard
 * error (`tie`).
 */
export function referenceStrategy(
  prior: DecisionPair,
  cot: ArmEstimate,
  code: ArmEstimate,
  options: StrategyOptions,
): DecisionPair | NoTarget {
  if (cot.mean === 0 && code.mean === 0) return 'unsolved';
  if (Math.abs(code.mean - cot.mean) <= differenceError(cot, code)) return 'tie';
  const { alpha } = options;
  switch (options.name) {
    case 'energy': {
      const floored = floorPrior(prior, options.priorFloor);
      return normalise([Math.log(floored[0]) + alpha * cot.mean, Math.log(floored[1]) + alpha * code.mean]);
    }
    case 'paper':
      return normalise([alpha * prior[0] * cot.mean, alpha * prior[1] * code.mean]);
    case 'hard':
      return code.mean > cot.mean ? [0, 1] : [1, 0];
  }
}
