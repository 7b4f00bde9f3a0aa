/** Llama, SmolLM2 and their derivatives. */
import { biasesOfAttention, type ModelFamily } from './family.ts';

export const llama: ModelFamily = {
  defaults: { maxPositions: 2048 },
  biases: biasesOfAttention,
  qkNorm: false,
  slidingWindow: () => undefined,
};
