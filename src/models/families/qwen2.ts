/** Qwen2 and Qwen2.5: biases on q, k and v, whatever the configuration says. */
import { type ModelFamily, qwenWindow } from './family.ts';

export const qwen2: ModelFamily = {
  defaults: { maxPositions: 32_768, kvHeads: 32 },
  biases: () => ({ qkv: true, output: false }),
  qkNorm: false,
  slidingWindow: qwenWindow,
};
