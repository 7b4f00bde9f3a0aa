/** What distinguishes one decoder family from another; everything else is read the same way for all of them. */
import type { JsonObject } from '../model-files.ts';

export interface ModelFamily {
  /** What transformers 5 takes where config.json leaves a key out. Sizes that have no safe default are never guessed. */
  readonly defaults: {
    readonly maxPositions: number;
    /** Absent: as many as there are heads. */
    readonly kvHeads?: number;
    /** Absent: hidden_size / num_attention_heads. */
    readonly headDim?: number;
  };
  /** Which projections of the attention have biases. */
  readonly biases: (config: JsonObject) => { readonly qkv: boolean; readonly output: boolean };
  /** An RMS norm on each head of q and k before RoPE. */
  readonly qkNorm: boolean;
  /** The attention window that some layer really uses; undefined where every layer sees all positions. */
  readonly slidingWindow: (config: JsonObject) => number | undefined;
}

export const noBiases = (): { qkv: boolean; output: boolean } => ({ qkv: false, output: false });

export const biasesOfAttention = ({ attention_bias }: JsonObject): { qkv: boolean; output: boolean } => ({
  qkv: attention_bias === true,
  output: attention_bias === true,
});

const QWEN_WINDOW = 4096;
const QWEN_FULL_LAYERS = 28;

/** Qwen names a window even where `use_sliding_window` turns it off, and uses it in the layers behind the first ones only. */
export function qwenWindow(config: JsonObject): number | undefined {
  const { use_sliding_window, sliding_window = QWEN_WINDOW, max_window_layers = QWEN_FULL_LAYERS } = config;
  if (use_sliding_window !== true || typeof sliding_window !== 'number') return undefined;
  const { layer_types: types, num_hidden_layers: layers } = config;
  const isUsed = Array.isArray(types)
    ? types.includes('sliding_attention')
    : typeof layers !== 'number' || typeof max_window_layers !== 'number' || layers > max_window_layers;
  return isUsed ? sliding_window : undefined;
}
