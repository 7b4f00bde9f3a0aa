/** How long a campaign may take, before anything has been measured. */
import type { ModelConfig } from '../models/model-config.ts';

export function countParameters(model: ModelConfig): number {
  const { hiddenSize, ffnSize, heads, kvHeads, headDim, layers, vocabSize, tiedHead } = model;
  const attention = 2 * hiddenSize * heads * headDim + 2 * hiddenSize * kvHeads * headDim;
  const layer = attention + 3 * hiddenSize * ffnSize + 2 * hiddenSize;
  return layers * layer + hiddenSize + vocabSize * hiddenSize * (tiedHead ? 1 : 2);
}

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
