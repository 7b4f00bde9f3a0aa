/** Mistral: Llama without biases, with a window over all layers unless it is null. */
import { type ModelFamily, noBiases } from './family.ts';

const DEFAULT_WINDOW = 4096;

export const mistral: ModelFamily = {
  defaults: { maxPositions: 131_072, kvHeads: 8 },
  biases: noBiases,
  qkNorm: false,
  slidingWindow: ({ sliding_window = DEFAULT_WINDOW }) =>
    typeof sliding_window === 'number' ? sliding_window : undefined,
};
