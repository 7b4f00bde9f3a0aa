/** One ONNX Runtime session on one thread, and the step it runs. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { SCALED_LOGITS } from '../graph/readout.ts';
import { WEIGHTS_PATH } from '../onnx/graph-builder.ts';
import type { GroupPlaces } from './group-places.ts';
import { type HeadCounts, headIndices } from './head-indices.ts';
import type { FreshKv } from './kv-buffer.ts';

export interface DecoderModel extends HeadCounts {
  readonly graph: Uint8Array;
  readonly weights: SharedArrayBuffer;
  readonly layers: number;
  readonly hiddenSize: number;
  /** Where the embedding matrix starts in `weights`. */
  readonly embeddingByteOffset: number;
}

/** B = rows, S = tokensPerRow; see graph/decoder.ts for the sizes. */
export interface Step extends GroupPlaces {
  readonly rows: number;
  readonly tokensPerRow: number;
  /** B x S ids and positions. */
  readonly tokenIds: Int32Array;
  readonly positions: Int32Array;
  readonly prefix: { readonly feeds: Record<string, Tensor>; readonly groups: number; readonly places: number };
  readonly suffix: { readonly feeds: Record<string, Tensor>; readonly places: number };
  /** Places in use of each group's prefix and of each row's suffix. */
  readonly prefixLengths: ArrayLike<number>;
  readonly suffixLengths: ArrayLike<number>;
  readonly readout: Readout;
}

/** N positions (indices into B x S) at which a token is chosen or scored. */
export interface Readout {
  readonly places: Int32Array;
  readonly inverseTemperatures: Float32Array;
  /** N x 2. */
  readonly uniforms: Float32Array;
  /** A token's id, DRAW or GREEDY. */
  readonly wantedTokens: Int32Array;
  /** Also hand over all logits: slower by the copy of N x V numbers. */
  readonly withLogits?: boolean;
}

export interface StepResult {
  readonly tokenIds: Int32Array;
  /** Natural log-probs after temperature. */
  readonly logProbs: Float64Array;
  /** Log-prob at position i of another token than the one chosen. Needs `withLogits`. */
  readonly logProbOf: (i: number, tokenId: number) => number;
  /** Logits after temperature at position i. Needs `withLogits`. */
  readonly logitsAt: (i: number) => Float32Array;
  readonly fresh: FreshKv;
}

/** Added to the scores of masked places; exp() of it is 0 next to any real score. */
const MASKED = -1e30;

export class DecoderSession {
  readonly #session: InferenceSession;
  readonly #model: DecoderModel;
  readonly #embedding: Float32Array;
  readonly #outputs: readonly string[];

  private constructor(session: InferenceSession, model: DecoderModel) {
    this.#session = session;
    this.#model = model;
    this.#embedding = new Float32Array(model.weights, model.embeddingByteOffset);
    this.#outputs = session.outputNames.filter((name) => name !== SCALED_LOGITS);
  }

  static async create(model: DecoderModel): Promise<DecoderSession> {
    const session = await InferenceSession.create(model.graph, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // Shapes change from step to step: a memory pattern would be planned again each time.
      enableMemPattern: false,
      externalData: [{ path: WEIGHTS_PATH, data: new Uint8Array(model.weights) }],
    });
    return new DecoderSession(session, model);
  }

  async run(step: Step): Promise<StepResult> {
    const { rows, tokensPerRow, readout } = step;
    const count = readout.places.length;
    const feeds = {
      ...step.prefix.feeds,
      ...step.suffix.feeds,
      embeddings: new Tensor('float32', this.#embed(step.tokenIds), [rows, tokensPerRow, this.#model.hiddenSize]),
      positions: integers(step.positions, [rows, tokensPerRow]),
      mask: scoreMask(step),
      ...headIndices(this.#model, { ...step, groups: step.prefix.groups }),
      read_places: integers(readout.places, [count]),
      inverse_temperature: new Tensor('float32', readout.inverseTemperatures, [count, 1]),
      uniforms: new Tensor('float32', readout.uniforms, [count, 2]),
      wanted_token: integers(readout.wantedTokens, [count, 1]),
    };
    const wanted = readout.withLogits === true ? this.#session.outputNames : this.#outputs;
    const outputs = await this.#session.run(feeds, wanted);
    const floats = (name: string): Float32Array => {
      const data = outputs[name]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`the decoder graph returned no ${name}`);
      return data;
    };
    const tokens = outputs.token?.data;
    if (!(tokens instanceof BigInt64Array)) throw new Error('the decoder graph returned no token');
    const [token, top, probability] = [floats('token_logit'), floats('top_logit'), floats('top_probability')];
    const logProbAt = (i: number, logit: number): number => logit - (top[i] ?? 0) + Math.log(probability[i] ?? 0);
    const logitsAt = (i: number): Float32Array => {
      const all = floats(SCALED_LOGITS);
      return all.subarray((i * all.length) / count, ((i + 1) * all.length) / count);
    };
    const layers = Array.from({ length: this.#model.layers }, (_, layer) => layer);
    return {
      tokenIds: Int32Array.from(tokens, Number),
      logProbs: Float64Array.from(token, (logit, i) => logProbAt(i, logit)),
      logProbOf: (i, tokenId) => logProbAt(i, logitsAt(i)[tokenId] ?? 0),
      logitsAt,
      fresh: {
        tokensPerRow,
        keys: layers.map((layer) => floats(`new.${layer}.key`)),
        values: layers.map((layer) => floats(`new.${layer}.value`)),
      },
    };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  /** Looked up here, not in the graph: a session would keep its own second copy of the matrix. */
  #embed(tokenIds: Int32Array): Float32Array {
    const size = this.#model.hiddenSize;
    const embedded = new Float32Array(tokenIds.length * size);
    for (const [i, id] of tokenIds.entries())
      embedded.set(this.#embedding.subarray(id * size, (id + 1) * size), i * size);
    return embedded;
  }
}

function integers(values: Int32Array, shape: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
}

/** `[B, 1, 1, S, P + M + S]`: what each new token sees of its group's prompt, its row's own past, and the new tokens. */
function scoreMask({ rows, tokensPerRow, prefix, suffix, groupRows, rowPlaces, ...step }: Step): Tensor {
  const [tokens, perGroup] = [tokensPerRow, groupRows.length / prefix.groups];
  const width = prefix.places + suffix.places + tokens;
  const data = new Float32Array(rows * tokens * width);
  for (let row = 0; row < rows; row++) {
    const prefixLength = step.prefixLengths[Math.floor((rowPlaces[row] ?? 0) / perGroup)] ?? 0;
    const suffixLength = step.suffixLengths[row] ?? 0;
    for (let token = 0; token < tokens; token++) {
      const own = (row * tokens + token) * width + prefix.places;
      data.fill(MASKED, own - prefix.places + prefixLength, own);
      data.fill(MASKED, own + suffixLength, own + suffix.places);
      data.fill(MASKED, own + suffix.places + token + 1, own + suffix.places + tokens);
    }
  }
  return new Tensor('float32', data, [rows, 1, 1, tokens, width]);
}
