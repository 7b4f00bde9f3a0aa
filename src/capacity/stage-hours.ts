/** How long the stages take on a named GPU: an order of magnitude, from arithmetic and bandwidth alone. */
import { countParameters } from '../models/checkpoint-tensors.ts';
import type { ModelConfig } from '../models/model-config.ts';
import type { Gpu } from './hardware.ts';

/** Share of a GPU's arithmetic that a training reaches, and of its bandwidth that a decoding reaches. */
const TRAINING_SHARE = 0.35;
const DECODING_SHARE = 0.6;
/** Sequences that a server decodes at a time, per GPU. */
const CONCURRENT = 256;
const BF16 = 2;

export interface Workload {
  readonly sampledTokens: number;
  readonly trainedTokens: number;
  /** Prompt and completion of one rollout. */
  readonly sequenceTokens: number;
}

/** Hours of sampling and of training, data parallel. */
export function stageHours(
  model: ModelConfig,
  { sampledTokens, trainedTokens, sequenceTokens }: Workload,
  {
    gpu,
    gpus,
    trainingGpus,
    gradientCheckpointing,
  }: {
    readonly gpu: Gpu;
    /** That sample. */
    readonly gpus: number;
    readonly trainingGpus: number;
    readonly gradientCheckpointing: boolean;
  },
): { readonly sample: number; readonly train: number } {
  const parameters = countParameters(model);
  const kvBytesPerToken = 2 * model.layers * model.kvHeads * model.headDim * BF16;
  // A step of decoding reads all weights once, and the keys and values of half a rollout for each sequence.
  const stepBytes = BF16 * parameters + (CONCURRENT * kvBytesPerToken * sequenceTokens) / 2;
  const tokensPerSecond = (CONCURRENT * gpu.bytesPerSecond * DECODING_SHARE) / stepBytes;
  // Forward 2, backward 4, and with checkpointing the forward pass again.
  const flops = (gradientCheckpointing ? 8 : 6) * parameters * trainedTokens;
  return {
    sample: sampledTokens / (tokensPerSecond * gpus) / 3600,
    train: flops / (gpu.bf16Flops * TRAINING_SHARE * trainingGpus) / 3600,
  };
}
