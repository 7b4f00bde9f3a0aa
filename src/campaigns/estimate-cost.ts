/** Estimates how long a campaign takes, before anything has been measured. */

/** Per core; order of magnitude, measured on two cores of a server processor. */
const SAMPLING_FLOPS = 5e9;
const TRAINING_FLOPS = 40e9;
/** Rollouts usually end before their budget is used up. */
const SHARE_OF_BUDGET = 0.5;

/** Floating-point operations per parameter and token: 2 in a forward pass, 6 in training. */
export function estimateSeconds(cost: {
  readonly parameters: number;
  readonly cores: number;
  readonly sampledTokens: number;
  readonly trainedTokens: number;
  readonly sftTokens: number;
}): number {
  const sampling = (2 * cost.parameters * cost.sampledTokens * SHARE_OF_BUDGET) / (SAMPLING_FLOPS * cost.cores);
  const trained = cost.trainedTokens * SHARE_OF_BUDGET + cost.sftTokens;
  return sampling + (6 * cost.parameters * trained) / (TRAINING_FLOPS * cost.cores);
}
