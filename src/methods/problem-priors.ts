/** The prior of every problem, from the log-probs of both prefixes or, where they say nothing, from auto rollouts. */
import { groupByProblem } from './estimates.ts';
import { posteriorMean } from './posterior.ts';
import { type DecisionPair, LEAST_PREFIX_MASS, prefixMass, priorFromLogProbs } from './prior.ts';
import type { ScoredSummary } from './scored-rollout.ts';

export interface ProblemPriors {
  /** π(c|x) by problem. */
  readonly priors: ReadonlyMap<string, DecisionPair>;
  /** Mean mass of the two prefixes over the problems. */
  readonly meanMass: number;
  /** Problems whose prefixes have less than `LEAST_PREFIX_MASS`. */
  readonly withoutMass: number;
}

/**
 * Where the model begins with neither prefix, their ratio says nothing about what it does. π(code|x) is then the mean of
 * Beta(1 + with code, 1 + without) over the problem's auto rollouts, which is ½ if there are none.
 *
 * @param logProbs - log π(g_c|x) by problem, nats
 */
export function problemPriors(
  logProbs: ReadonlyMap<string, DecisionPair>,
  rollouts: readonly ScoredSummary[],
): ProblemPriors {
  const auto = groupByProblem(rollouts.filter(({ arm, state }) => arm === 'auto' && state !== 'infrastructure'));
  const masses = [...logProbs.values()].map(prefixMass);
  const priors = [...logProbs].map(([problemId, pair]): [string, DecisionPair] => {
    if (prefixMass(pair) >= LEAST_PREFIX_MASS) return [problemId, priorFromLogProbs(pair)];
    const own = auto.get(problemId) ?? [];
    const code = posteriorMean({ right: own.filter(({ ranCode }) => ranCode).length, n: own.length });
    return [problemId, [1 - code, code]];
  });
  return {
    priors: new Map(priors),
    meanMass: masses.reduce((sum, mass) => sum + mass, 0) / Math.max(1, masses.length),
    withoutMass: masses.filter((mass) => mass < LEAST_PREFIX_MASS).length,
  };
}
