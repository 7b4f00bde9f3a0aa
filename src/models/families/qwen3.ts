/** Qwen3: no biases by default, and norms on the heads of q and k. */
import { biasesOfAttention, type ModelFamily, qwenWindow } from './family.ts';

export const qwen3: ModelFamily = {
  defaults: { maxPositions: 32_768, kvHeads: 32, headDim: 128 },
  biases: biasesOfAttention,
  qkNorm: true,
  slidingWindow: qwenWindow,
};
