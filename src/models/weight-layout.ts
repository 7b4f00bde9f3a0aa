/** Which tensors the decoder graph reads, how they are put together from a checkpoint, and where each lies in one buffer. */
import type { ModelConfig } from './model-config.ts';

/** A tensor of the checkpoint with the shape that the configuration demands. */
export interface SourceTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Its values are multiplied by this as they are read. */
  readonly factor?: number;
}

/** How products with weights are computed: `w8a8` in 8-bit integers, weights scaled by channel, activations by row. */
export const SAMPLER_COMPUTES = ['fp32', 'w8a8'] as const;
export type SamplerCompute = (typeof SAMPLER_COMPUTES)[number];

/** Steps from zero to the largest magnitude of an int8 scale: symmetric, -128 is not used. */
export const INT8_STEPS = 127;

export interface WeightPlace {
  readonly shape: readonly number[];
  /** int8 matrices lie transposed, `[in, out]`; their scales by output channel at `scaleName(name)`. */
  readonly type: 'float32' | 'int8';
  readonly place: { readonly byteOffset: number; readonly byteLength: number };
  /** Stacked along the first axis: q, k and v make one matrix. Empty: computed (RoPE tables). */
  readonly sources: readonly SourceTensor[];
}

export const EMBEDDING = 'model.embed_tokens.weight';
const ALIGNMENT_BYTES = 64;
const BYTES = { float32: 4, int8: 1 } as const;

export const scaleName = (matrix: string): string => `${matrix}.scale`;

/** Places of all weights in one buffer, in the checkpoint's order of layers. */
export class WeightPlaces {
  readonly #places = new Map<string, WeightPlace>();
  readonly #compute: SamplerCompute;
  #byteLength = 0;

  constructor(config: ModelConfig, compute: SamplerCompute) {
    this.#compute = compute;
    const { hiddenSize, ffnSize, heads, kvHeads, headDim, vocabSize } = config;
    const queryWidth = heads * headDim;
    const kvWidth = kvHeads * headDim;
    // Of attention scores: on what q is made of, so that the graph need not multiply.
    const queryScale = 1 / Math.sqrt(headDim);
    this.#add(EMBEDDING, [{ name: EMBEDDING, shape: [vocabSize, hiddenSize] }]);
    for (let layer = 0; layer < config.layers; layer++) {
      const name = `model.layers.${layer}`;
      const norm = (part: string, width: number, factor?: number): void => {
        const source = { name: `${name}.${part}.weight`, shape: [width] };
        this.#add(source.name, [factor === undefined ? source : { ...source, factor }]);
      };
      const stack = (
        fused: string,
        kind: string,
        parts: readonly (readonly [string, number])[],
        width?: number,
      ): void => {
        const sources = parts.map(([part, rows]) => ({
          name: `${name}.${part}.${kind}`,
          shape: width === undefined ? [rows] : [rows, width],
          ...(part === 'self_attn.q_proj' && !config.qkNorm ? { factor: queryScale } : {}),
        }));
        if (width === undefined) this.#add(`${name}.${fused}.${kind}`, sources);
        else this.#addMatrix(`${name}.${fused}.${kind}`, sources);
      };
      const qkv = [
        ['self_attn.q_proj', queryWidth],
        ['self_attn.k_proj', kvWidth],
        ['self_attn.v_proj', kvWidth],
      ] as const;
      norm('input_layernorm', hiddenSize);
      stack('self_attn.qkv_proj', 'weight', qkv, hiddenSize);
      if (config.qkvBias) stack('self_attn.qkv_proj', 'bias', qkv);
      if (config.qkNorm) {
        norm('self_attn.q_norm', headDim, queryScale);
        norm('self_attn.k_norm', headDim);
      }
      const output = [['self_attn.o_proj', hiddenSize]] as const;
      stack('self_attn.o_proj', 'weight', output, queryWidth);
      if (config.attentionOutputBias) stack('self_attn.o_proj', 'bias', output);
      norm('post_attention_layernorm', hiddenSize);
      for (const part of ['mlp.gate_proj', 'mlp.up_proj']) stack(part, 'weight', [[part, ffnSize]], hiddenSize);
      stack('mlp.down_proj', 'weight', [['mlp.down_proj', hiddenSize]], ffnSize);
    }
    this.#add('model.norm.weight', [{ name: 'model.norm.weight', shape: [hiddenSize] }]);
    const head = 'lm_head.weight';
    // An int8 head is not the embedding any more, which stays fp32.
    if (config.tiedHead && compute === 'fp32') this.#places.set(head, this.get(EMBEDDING));
    else this.#addMatrix(head, [{ name: config.tiedHead ? EMBEDDING : head, shape: [vocabSize, hiddenSize] }]);
    for (const table of ['rope.cos', 'rope.sin']) this.#place(table, [], [config.maxContextTokens, headDim / 2]);
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get(name: string): WeightPlace {
    const place = this.#places.get(name);
    if (place === undefined) throw new RangeError(`the weight layout has no ${name}`);
    return place;
  }

  /** All places by name but those that share another's bytes. */
  *stored(): Generator<[string, WeightPlace]> {
    const seen = new Set<WeightPlace>();
    for (const [name, place] of this.#places) {
      if (!seen.has(place)) yield [name, place];
      seen.add(place);
    }
  }

  #add(name: string, sources: readonly SourceTensor[]): void {
    this.#place(name, sources, stackedShape(sources));
  }

  /** A matrix of a product: `[out, in]` in fp32; in w8a8 `[in, out]` in int8 with a scale for each output. */
  #addMatrix(name: string, sources: readonly SourceTensor[]): void {
    if (this.#compute === 'fp32') {
      this.#add(name, sources);
      return;
    }
    const [rows = 0, width = 0] = stackedShape(sources);
    this.#place(name, sources, [width, rows], 'int8');
    this.#place(scaleName(name), [], [rows]);
  }

  #place(
    name: string,
    sources: readonly SourceTensor[],
    shape: readonly number[],
    type: WeightPlace['type'] = 'float32',
  ): void {
    const byteLength = shape.reduce((product, size) => product * size, BYTES[type]);
    this.#places.set(name, { shape, type, place: { byteOffset: this.#byteLength, byteLength }, sources });
    this.#byteLength = Math.ceil((this.#byteLength + byteLength) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  }
}

function stackedShape(sources: readonly SourceTensor[]): number[] {
  const rows = sources.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  return [rows, ...(sources[0]?.shape.slice(1) ?? [])];
}
