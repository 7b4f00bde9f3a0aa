/** How long a campaign may take, before anything has been measured. */

/** Measured on two cores of a server processor, by the order of magnitude; per core. */
const SAMPLING_FLOPS = 5e9;
const TRAINING_FLOPS = 40e9;
/** Rollouts end before their budget does. */
const SHARE_OF_BUDGET = 0.5;

/** Forward passes cost 2, training 6 floating-point operations a parameter and token. */
export function estimateSeconds(cost: {
  readonly parameters: number;
  readonly cores: number;
  readonly sampledTokens: number;
  readonly trainedTokens: number;
  readonly warmUpTokens: number;
}): number {
  const sampling = (2 * cost.parameters * cost.sampledTokens * SHARE_OF_BUDGET) / (SAMPLING_FLOPS * cost.cores);
  const trained = cost.trainedTokens * SHARE_OF_BUDGET + cost.warmUpTokens;
  return sampling + (6 * cost.parameters * trained) / (TRAINING_FLOPS * cost.cores);
}
