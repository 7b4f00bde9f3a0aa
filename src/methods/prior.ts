/** π(c|x): the policy's probability of each prefix. */

/** (cot, code), in the order of the paper's c ∈ {0, 1}. */
export type DecisionPair = readonly [cot: number, code: number];

/**
 * Prior over the two prefixes from their log-probs, π(c|x) ∝ exp(log π(g_c|x)); nats, whole prefixes. Stable for very
 * unlikely prefixes.
 *
 * @example priorFromLogProbs([-2, -2]); // [0.5, 0.5]
 */
export function priorFromLogProbs(logProbs: DecisionPair): DecisionPair {
  const code = 1 / (1 + Math.exp(logProbs[0] - logProbs[1]));
  return [1 - code, code];
}

/** Prefixes with less mass together say nothing about what the model does: it begins with neither. */
export const LEAST_PREFIX_MASS = 0.01;

/**
 * P(a solution begins with one of the prefixes), from their log-probs in nats.
 *
 * @example prefixMass([Math.log(0.3), Math.log(0.1)]); // 0.4
 */
export const prefixMass = ([cot, code]: DecisionPair): number => Math.min(1, Math.exp(cot) + Math.exp(code));

/** Clips both probabilities to at least `floor` ≤ 0.5, so that no arm disappears permanently; the sum stays 1. */
export function floorPrior(prior: DecisionPair, floor: number): DecisionPair {
  const code = Math.min(1 - floor, Math.max(floor, prior[1]));
  return [1 - code, code];
}
