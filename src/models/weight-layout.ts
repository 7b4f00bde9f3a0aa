/** Which tensors the decoder graph reads, how they are put together from a checkpoint, and where each lies in one buffer. */
import { checkpointTensors, EMBEDDING, FINAL_NORM, HEAD, layerName } from './checkpoint-tensors.ts';
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
    const { headDim } = config;
    const tensors = checkpointTensors(config);
    // Of attention scores: on what q is made of, so that the graph need not multiply.
    const queryScale = 1 / Math.sqrt(headDim);
    const source = (name: string, factor?: number): SourceTensor => {
      const shape = tensors.get(name);
      if (shape === undefined) throw new RangeError(`a checkpoint of this model has no ${name}`);
      return { name, shape, ...(factor === undefined ? {} : { factor }) };
    };
    this.#add(EMBEDDING, [source(EMBEDDING)]);
    for (let layer = 0; layer < config.layers; layer++) {
      const name = layerName(layer);
      const norm = (part: string, factor?: number): void =>
        this.#add(`${name}.${part}.weight`, [source(`${name}.${part}.weight`, factor)]);
      /** The weights of these projections stacked along their outputs, and their biases if they have any. */
      const projection = (fused: string, parts: readonly string[]): void => {
        const sources = (kind: string): SourceTensor[] =>
          parts.map((part) =>
            source(`${name}.${part}.${kind}`, part === 'self_attn.q_proj' && !config.qkNorm ? queryScale : undefined),
          );
        this.#addMatrix(`${name}.${fused}.weight`, sources('weight'));
        if (tensors.has(`${name}.${parts[0]}.bias`)) this.#add(`${name}.${fused}.bias`, sources('bias'));
      };
      norm('input_layernorm');
      projection('self_attn.qkv_proj', ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj']);
      if (config.qkNorm) {
        norm('self_attn.q_norm', queryScale);
        norm('self_attn.k_norm');
      }
      projection('self_attn.o_proj', ['self_attn.o_proj']);
      norm('post_attention_layernorm');
      for (const part of ['mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj']) projection(part, [part]);
    }
    this.#add(FINAL_NORM, [source(FINAL_NORM)]);
    // An int8 head is not the embedding any more, which stays fp32.
    if (config.tiedHead && compute === 'fp32') this.#places.set(HEAD, this.get(EMBEDDING));
    else this.#addMatrix(HEAD, [source(config.tiedHead ? EMBEDDING : HEAD)]);
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
