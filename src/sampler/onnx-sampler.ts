/**
 * The sampler on ONNX Runtime: an own decoder graph, one thread a core, continuous batching.
 * Everything heavy runs in worker threads; this side only deals out rows and collects them.
 */
import { createRequire } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { ModelFolderError } from '../models/model-files.ts';
import { readModel } from '../models/read-model.ts';
import type { SamplerCompute } from '../models/weight-layout.ts';
import { loadDecoderModel } from './decoder-model.ts';
import { Call } from './engine/call.ts';
import { SamplerCrashError, SamplerRequestError } from './engine/errors.ts';
import { groupBy } from './engine/group-by.ts';
import type { FinishedRow, JobUnit } from './engine/messages.ts';
import { generateUnits, type RequestLimits, scoreUnits } from './engine/requests.ts';
import { ThreadPool } from './engine/thread-pool.ts';
import { warnWithoutDotProducts } from './integer-products.ts';
import { readTokenBytes } from './token-bytes.ts';
import { readEosTokenIds } from './tokenizer.ts';
import type {
  GenerateRequest,
  Generation,
  Sampler,
  SamplerBackend,
  SamplerCallOptions,
  Score,
  ScoreRequest,
} from './types.ts';

export interface OnnxSamplerOptions {
  /** Folder with config.json, model.safetensors (or shards) and, for stop strings, tokenizer.json. */
  readonly modelDirectory: string;
  /** Digest of the checkpoint in the folder, which calls may demand. */
  readonly checkpoint?: string;
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
  const compute = options.compute ?? 'fp32';
  if (compute === 'w8a8') await warnWithoutDotProducts();
  const { config } = await readModel(modelDirectory);
  const [eosTokenIds, model] = await Promise.all([
    readEosTokenIds(modelDirectory),
    loadDecoderModel(modelDirectory, config, compute),
  ]);
  const kv = { layers: config.layers, kvHeads: config.kvHeads, headDim: config.headDim };
  const served = { modelDirectory, checkpoint: options.checkpoint, compute, eosTokenIds };
  const sampler = new OnnxSampler(served, { config, kvBudgetBytes });
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

interface Served {
  readonly modelDirectory: string;
  readonly checkpoint: string | undefined;
  readonly compute: SamplerCompute;
  readonly eosTokenIds: readonly number[];
}

type PoolStarter = (events: Parameters<typeof ThreadPool.start>[2]) => Promise<ThreadPool>;

class OnnxSampler implements Sampler {
  #served: Served;
  #swapping: Promise<void> = Promise.resolve();
  readonly #limits: RequestLimits;
  readonly #calls = new Map<number, Call>();
  #pool: ThreadPool | undefined;
  #over: SamplerCrashError | undefined;
  #tokenBytes: Promise<void> | undefined;
  #nextCallId = 0;

  constructor(served: Served, limits: RequestLimits) {
    this.#served = served;
    this.#limits = limits;
  }

  get backend(): SamplerBackend {
    const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
    return { kind: 'embedded', engine: 'onnxruntime-node', version, compute: this.#served.compute };
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

  swapWeights(modelDirectory: string, checkpoint: string): Promise<void> {
    const swapped = this.#swapping.then(() => this.#swap(modelDirectory, checkpoint));
    // Calls behind it wait, whatever comes of it.
    this.#swapping = swapped.catch(() => undefined);
    return swapped;
  }

  async #swap(modelDirectory: string, checkpoint: string): Promise<void> {
    const { compute, eosTokenIds } = this.#served;
    const [{ config }, eos] = await Promise.all([readModel(modelDirectory), readEosTokenIds(modelDirectory)]);
    if (!isDeepStrictEqual([config, eos], [this.#limits.config, eosTokenIds]))
      throw new ModelFolderError(
        `${modelDirectory} holds another architecture than ${this.#served.modelDirectory}; only its weights can be swapped`,
      );
    const model = await loadDecoderModel(modelDirectory, config, compute);
    await Promise.allSettled([...this.#calls.values()].map(({ done }) => done));
    if (this.#over !== undefined) throw this.#over;
    await this.#pool?.swap(model);
    this.#served = { modelDirectory, checkpoint, compute, eosTokenIds };
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
    await this.#swapping;
    options.signal?.throwIfAborted();
    const { checkpoint } = this.#served;
    if (options.checkpoint !== undefined && options.checkpoint !== checkpoint)
      throw new SamplerRequestError(
        `checkpoint ${options.checkpoint} was asked for, the sampler serves ${checkpoint ?? 'one without a name'}`,
      );
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
    this.#tokenBytes ??= readTokenBytes(this.#served.modelDirectory).then((table) => this.#pool?.setTokenBytes(table));
    return this.#tokenBytes;
  }

  #end(error: SamplerCrashError): void {
    this.#over ??= error;
    for (const call of this.#calls.values()) call.fail(this.#over);
    this.#calls.clear();
  }
}
