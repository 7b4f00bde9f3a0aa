/** Memory that sampling takes of a GPU. */
import { countParameters } from '../models/checkpoint-tensors.ts';
import type { ModelConfig } from '../models/model-config.ts';

const BF16 = 2;
/** What a served engine takes of the memory by default (vLLM's `gpu_memory_utilization`). */
const SHARE = 0.9;

export interface SamplingMemory {
  /** Of each GPU. */
  readonly weights: number;
  /** Keys and values of one token. */
  readonly kvBytesPerToken: number;
  /** Sequences of full length that fit beside the weights, over all GPUs. */
  readonly sequences: number;
}

/**
 * @param memoryBytes - Of one GPU
 * @param gpus - Over which the weights are split
 * @param sequenceTokens - Prompt and completion of one rollout
 */
export function samplingMemory(
  model: ModelConfig,
  {
    memoryBytes,
    gpus,
    sequenceTokens,
  }: { readonly memoryBytes: number; readonly gpus: number; readonly sequenceTokens: number },
): SamplingMemory {
  const weights = (BF16 * countParameters(model)) / gpus;
  const kvBytesPerToken = 2 * model.layers * model.kvHeads * model.headDim * BF16;
  const room = Math.max(0, SHARE * memoryBytes - weights) * gpus;
  return { weights, kvBytesPerToken, sequences: Math.floor(room / (kvBytesPerToken * sequenceTokens)) };
}
