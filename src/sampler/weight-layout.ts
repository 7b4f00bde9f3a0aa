/** Which tensors the decoder graph reads, how they are put together from a checkpoint, and where each lies in one buffer. */
import type { ModelConfig } from './model-config.ts';

/** A tensor of the checkpoint with the shape that the configuration demands. */
export interface SourceTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface WeightPlace {
  readonly shape: readonly number[];
  readonly place: { readonly byteOffset: number; readonly byteLength: number };
  /** Stacked along the first axis: q, k and v make one matrix, gate and up another. Empty: computed (RoPE tables). */
  readonly sources: readonly SourceTensor[];
}

export const EMBEDDING = 'model.embed_tokens.weight';
const ALIGNMENT_BYTES = 64;
const FLOAT_BYTES = 4;

/** Places of all weights in one fp32 buffer, in the checkpoint's order of layers. */
export class WeightPlaces {
  readonly #places = new Map<string, WeightPlace>();
  #byteLength = 0;

  constructor(config: ModelConfig) {
    const { hiddenSize, ffnSize, heads, kvHeads, headDim, vocabSize } = config;
    const queryWidth = heads * headDim;
    const kvWidth = kvHeads * headDim;
    this.#add(EMBEDDING, [{ name: EMBEDDING, shape: [vocabSize, hiddenSize] }]);
    for (let layer = 0; layer < config.layers; layer++) {
      const name = `model.layers.${layer}`;
      const norm = (part: string, width: number): void =>
        this.#add(`${name}.${part}.weight`, [{ name: `${name}.${part}.weight`, shape: [width] }]);
      const stack = (
        fused: string,
        kind: string,
        parts: readonly (readonly [string, number])[],
        width?: number,
      ): void =>
        this.#add(
          `${name}.${fused}.${kind}`,
          parts.map(([part, rows]) => ({
            name: `${name}.${part}.${kind}`,
            shape: width === undefined ? [rows] : [rows, width],
          })),
        );
      const qkv = [
        ['self_attn.q_proj', queryWidth],
        ['self_attn.k_proj', kvWidth],
        ['self_attn.v_proj', kvWidth],
      ] as const;
      norm('input_layernorm', hiddenSize);
      stack('self_attn.qkv_proj', 'weight', qkv, hiddenSize);
      if (config.qkvBias) stack('self_attn.qkv_proj', 'bias', qkv);
      if (config.qkNorm) {
        norm('self_attn.q_norm', headDim);
        norm('self_attn.k_norm', headDim);
      }
      const output = [['self_attn.o_proj', hiddenSize]] as const;
      stack('self_attn.o_proj', 'weight', output, queryWidth);
      if (config.attentionOutputBias) stack('self_attn.o_proj', 'bias', output);
      norm('post_attention_layernorm', hiddenSize);
      const gateUp = [
        ['mlp.gate_proj', ffnSize],
        ['mlp.up_proj', ffnSize],
      ] as const;
      stack('mlp.gate_up_proj', 'weight', gateUp, hiddenSize);
      stack('mlp.down_proj', 'weight', [['mlp.down_proj', hiddenSize]], ffnSize);
    }
    this.#add('model.norm.weight', [{ name: 'model.norm.weight', shape: [hiddenSize] }]);
    if (config.tiedHead) this.#places.set('lm_head.weight', this.get(EMBEDDING));
    else this.#add('lm_head.weight', [{ name: 'lm_head.weight', shape: [vocabSize, hiddenSize] }]);
    for (const table of ['rope.cos', 'rope.sin']) this.#add(table, [], [config.maxContextTokens, headDim / 2]);
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get(name: string): WeightPlace {
    const place = this.#places.get(name);
    if (place === undefined) throw new RangeError(`the weight layout has no ${name}`);
    return place;
  }

  /** All places but those that share another's bytes. */
  *stored(): Generator<WeightPlace> {
    yield* new Set(this.#places.values());
  }

  #add(name: string, sources: readonly SourceTensor[], computedShape?: readonly number[]): void {
    const [head] = sources;
    const rows = sources.reduce((sum, source) => sum + (source.shape[0] ?? 0), 0);
    const shape = computedShape ?? [rows, ...(head?.shape.slice(1) ?? [])];
    const byteLength = shape.reduce((product, size) => product * size, FLOAT_BYTES);
    this.#places.set(name, { shape, place: { byteOffset: this.#byteLength, byteLength }, sources });
    this.#byteLength = Math.ceil((this.#byteLength + byteLength) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  }
}
