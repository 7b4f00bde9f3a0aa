/**
 * The sampler on ONNX Runtime: an own decoder graph, one thread a core, continuous batching.
 * Everything heavy runs in worker threads; this side only deals out rows and collects them.
 */
import { availableParallelism, totalmem } from 'node:os';
import { Call } from './engine/call.ts';
import { SamplerCrashError } from './engine/errors.ts';
import { groupBy } from './engine/group-by.ts';
import type { FinishedRow, JobUnit } from './engine/messages.ts';
import { generateUnits, type RequestLimits, scoreUnits } from './engine/requests.ts';
import { ThreadPool } from './engine/thread-pool.ts';
import { readEosTokenIds } from './eos.ts';
import { buildDecoderGraph } from './graph/decoder.ts';
import { readModelConfig } from './model-config.ts';
import { readTokenBytes } from './token-bytes.ts';
import type { GenerateRequest, Generation, Sampler, SamplerCallOptions, Score, ScoreRequest } from './types.ts';
import { EMBEDDING, type SamplerCompute } from './weight-layout.ts';
import { loadWeights } from './weights.ts';

export interface OnnxSamplerOptions {
  /** Folder with config.json, model.safetensors (or shards) and, for stop strings, tokenizer.json. */
  readonly modelDirectory: string;
  /** Default fp32. With w8a8 the policy that samples is the quantised one, and log-probs are exactly its own. */
  readonly compute?: SamplerCompute;
  /** Inference threads; default: one a core. */
  readonly threads?: number;
  /** Sequences decoded at once, over all threads; default 64 a thread. */
  readonly maxRows?: number;
  /** Memory for keys and values, over all threads; default: a quarter of what the process may use. Rows wait when it is full. */
  readonly kvBudgetBytes?: number;
  /** How long the KV of a rollout that may go on is kept, inside the same memory; default two minutes, 0 = not at all. */
  readonly keptKvMs?: number;
}

const KEPT_KV_MS = 120_000;

/** Throws ModelFolderError for a folder that can't be sampled from, SamplerCrashError if a thread doesn't start. */
export async function createOnnxSampler(options: OnnxSamplerOptions): Promise<Sampler> {
  const { modelDirectory } = options;
  const threads = options.threads ?? availableParallelism();
  const maxRows = Math.max(1, Math.floor((options.maxRows ?? 64 * threads) / threads));
  const kvBudgetBytes = Math.floor((options.kvBudgetBytes ?? usableMemoryBytes() / 4) / threads);
  const keptKvMs = options.keptKvMs ?? KEPT_KV_MS;
  const config = await readModelConfig(modelDirectory);
  const [eosTokenIds, weights] = await Promise.all([
    readEosTokenIds(modelDirectory),
    loadWeights(modelDirectory, config, options.compute ?? 'fp32'),
  ]);
  const model = {
    graph: buildDecoderGraph(config, weights.places),
    weights: weights.buffer,
    layers: config.layers,
    hiddenSize: config.hiddenSize,
    embeddingByteOffset: weights.places.get(EMBEDDING).place.byteOffset,
  };
  const kv = { layers: config.layers, kvHeads: config.kvHeads, headDim: config.headDim };
  const sampler = new OnnxSampler(modelDirectory, { config, kvBudgetBytes });
  await sampler.start((events) =>
    ThreadPool.start(threads, { model, kv, eosTokenIds, maxRows, kvBudgetBytes, keptKvMs }, events),
  );
  return sampler;
}

/** The machine's memory, or the container's limit where that is lower. */
function usableMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

type PoolStarter = (events: Parameters<typeof ThreadPool.start>[2]) => Promise<ThreadPool>;

class OnnxSampler implements Sampler {
  readonly #modelDirectory: string;
  readonly #limits: RequestLimits;
  readonly #calls = new Map<number, Call>();
  #pool: ThreadPool | undefined;
  #over: SamplerCrashError | undefined;
  #tokenBytes: Promise<void> | undefined;
  #nextCallId = 0;

  constructor(modelDirectory: string, limits: RequestLimits) {
    this.#modelDirectory = modelDirectory;
    this.#limits = limits;
  }

  async start(startPool: PoolStarter): Promise<void> {
    this.#pool = await startPool({
      onAdvanced: ({ finished, newTokens, watched }) => {
        for (const { callId, index, tokenIds } of watched) this.#calls.get(callId)?.show(index, tokenIds);
        const byCall = groupBy(finished, ({ callId }) => callId);
        for (const [callId, tokens] of newTokens)
          if (this.#calls.get(callId)?.advance(byCall.get(callId) ?? [], tokens)) this.#calls.delete(callId);
        this.#dealOut();
      },
      onCrash: (error) => this.#end(error),
    });
  }

  async generate(requests: readonly GenerateRequest[], options: SamplerCallOptions = {}): Promise<Generation[]> {
    const callId = this.#nextCallId++;
    const holderOf = (keptKey: string): number | undefined => this.#pool?.holderOf(keptKey);
    const origin = { callId, isWatched: options.onTokens !== undefined, holderOf };
    const units = generateUnits(origin, requests, this.#limits);
    if (requests.some(({ stopStrings }) => stopStrings.length > 0)) await this.#provideTokenBytes();
    const ids = requests.map(({ id }) => id);
    const rows = await this.#call(callId, units, options, ids);
    return rows.map(({ index, tokenIds, logProbs, finish, past }) => ({
      id: requests[index]?.id ?? '',
      tokenIds,
      logProbs,
      finish,
      ...(past === undefined ? {} : { past }),
    }));
  }

  async score(requests: readonly ScoreRequest[], options: SamplerCallOptions = {}): Promise<Score[]> {
    const callId = this.#nextCallId++;
    const units = scoreUnits({ callId, isWatched: false }, requests, this.#limits);
    const rows = await this.#call(callId, units, options);
    return rows.map(({ index, logProbs }) => ({ id: requests[index]?.id ?? '', logProbs }));
  }

  async close(): Promise<void> {
    this.#end(new SamplerCrashError('the sampler was closed'));
    await this.#pool?.close();
  }

  async #call(
    callId: number,
    units: readonly JobUnit[],
    options: SamplerCallOptions,
    ids: readonly string[] = [],
  ): Promise<FinishedRow[]> {
    options.signal?.throwIfAborted();
    if (this.#over !== undefined) throw this.#over;
    if (units.length === 0) return [];
    const call = new Call({ id: callId, units, requestIds: ids }, options, () => {
      this.#calls.delete(callId);
      this.#pool?.cancel(callId);
    });
    this.#calls.set(callId, call);
    this.#dealOut();
    return call.done;
  }

  /** Hands out waiting units, a unit of each call in turn, until the threads are full. */
  #dealOut(): void {
    for (let dealt = true; dealt; ) {
      dealt = false;
      for (const call of this.#calls.values()) {
        const taken = call.waiting.findIndex((unit) => this.#pool?.tryEnqueue(unit));
        if (taken === -1) continue;
        call.waiting.splice(taken, 1);
        dealt = true;
      }
    }
  }

  #provideTokenBytes(): Promise<void> {
    this.#tokenBytes ??= readTokenBytes(this.#modelDirectory).then((table) => this.#pool?.setTokenBytes(table));
    return this.#tokenBytes;
  }

  #end(error: SamplerCrashError): void {
    this.#over ??= error;
    for (const call of this.#calls.values()) call.fail(this.#over);
    this.#calls.clear();
  }
}
