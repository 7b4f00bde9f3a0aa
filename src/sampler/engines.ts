/**
 * Inference engines by checkpoint: at most two kept (a campaign's and an evaluation's). The next checkpoint's weights are
 * swapped into the engine that was used longest ago, if it can take them.
 */
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { readModelConfig } from '../models/model-config.ts';
import type { SamplerCompute } from '../models/weight-layout.ts';
import { SamplerCrashError } from './engine/errors.ts';
import type { Sampler, Tokenizer } from './types.ts';

export interface Engine {
  readonly sampler: Sampler;
  readonly tokenizer: Tokenizer;
  /** Positions that the model has. */
  readonly maxContextTokens: number;
}

export interface EngineParts {
  readonly openSampler: (
    modelDirectory: string,
    options: { readonly checkpoint: Digest; readonly compute: SamplerCompute },
  ) => Promise<Sampler>;
  readonly readTokenizer: (modelDirectory: string) => Promise<Tokenizer>;
}

export interface Engines {
  /** Runs the work on the checkpoint's engine; it isn't closed before the work has ended. */
  use<T>(checkpoint: Digest, work: (engine: Engine) => Promise<T>, options?: UseOptions): Promise<T>;
  /** Gives GPUs back until the next use, while nobody uses an engine. Absent: `close` does. */
  rest?(): Promise<void>;
  close(): Promise<void>;
}

export interface UseOptions {
  /** Of our own engine; a served model computes as its server was configured. Default fp32. */
  readonly compute?: SamplerCompute;
  /** Ends the wait for GPUs that another part of the machine has. The work itself has to look at it too. */
  readonly signal?: AbortSignal;
  /** Called again and again during that wait. */
  readonly onWait?: () => void;
}

interface Entry {
  readonly checkpoint: Digest;
  readonly compute: SamplerCompute;
  readonly engine: Promise<Engine>;
  users: number;
}

const ENGINES_KEPT = 2;

export function createEngines(store: ArtifactStore, parts: EngineParts): Engines {
  // In order of last use, by checkpoint and compute.
  const entries = new Map<string, Entry>();
  const keyOf = ({ checkpoint, compute }: Pick<Entry, 'checkpoint' | 'compute'>): string => `${checkpoint} ${compute}`;

  async function open(checkpoint: Digest, compute: SamplerCompute, previous: Entry | undefined): Promise<Engine> {
    const directory = await store.materialiseTree(checkpoint);
    const [sampler, tokenizer, maxContextTokens] = await Promise.all([
      swapInto(previous, directory, checkpoint).then(
        (swapped) => swapped ?? parts.openSampler(directory, { checkpoint, compute }),
      ),
      parts.readTokenizer(directory),
      readContextLength(directory),
    ]);
    return { sampler, tokenizer, maxContextTokens };
  }

  /** Takes an idle engine out of the map, for another checkpoint's weights, if no more than two may be kept. */
  function takeIdle(compute: SamplerCompute): Entry | undefined {
    if (entries.size < ENGINES_KEPT) return undefined;
    const idle = [...entries.values()].find((entry) => entry.users === 0 && entry.compute === compute);
    if (idle !== undefined) entries.delete(keyOf(idle));
    return idle;
  }

  function enter(checkpoint: Digest, compute: SamplerCompute): Entry {
    const key = keyOf({ checkpoint, compute });
    const known = entries.get(key);
    const entry = known ?? { checkpoint, compute, engine: open(checkpoint, compute, takeIdle(compute)), users: 0 };
    entries.delete(key);
    entries.set(key, entry);
    entry.users += 1;
    return entry;
  }

  /** Closes unused engines, oldest first, until `kept` are left. */
  async function closeIdle(kept: number): Promise<void> {
    for (const [checkpoint, entry] of [...entries]) {
      if (entries.size <= kept) return;
      if (entry.users > 0) continue;
      entries.delete(checkpoint);
      await entry.engine.then(
        ({ sampler }) => sampler.close(),
        () => undefined,
      );
    }
  }

  function forget(entry: Entry): void {
    if (entries.get(keyOf(entry)) === entry) entries.delete(keyOf(entry));
  }

  return {
    async use(checkpoint, work, { compute = 'fp32' } = {}) {
      const entry = enter(checkpoint, compute);
      try {
        await closeIdle(ENGINES_KEPT);
        const engine = await entry.engine;
        return await work({ ...engine, sampler: demanding(engine.sampler, checkpoint) });
      } catch (error) {
        if (await isUseless(entry.engine, error)) forget(entry);
        throw error;
      } finally {
        entry.users -= 1;
      }
    },
    close: () => closeIdle(0),
  };
}

/** The idle engine's sampler with other weights; undefined, and closed, if it can't take them. */
async function swapInto(
  previous: Entry | undefined,
  directory: string,
  checkpoint: Digest,
): Promise<Sampler | undefined> {
  const sampler = await previous?.engine.then(
    (engine) => engine.sampler,
    () => undefined,
  );
  if (sampler?.swapWeights === undefined) {
    await sampler?.close();
    return undefined;
  }
  try {
    await sampler.swapWeights(directory, checkpoint);
    return sampler;
  } catch {
    // Opening it again names what is wrong with the folder, if it is the folder.
    await sampler.close();
    return undefined;
  }
}

/** The sampler, asked for this checkpoint with every call. */
export function demanding(sampler: Sampler, checkpoint: Digest): Sampler {
  return {
    backend: sampler.backend,
    generate: (requests, options) => sampler.generate(requests, { ...options, checkpoint }),
    score: (requests, options) => sampler.score(requests, { ...options, checkpoint }),
    close: () => sampler.close(),
  };
}

/** An engine that could not be opened, or crashed, serves no caller any more; the next turn opens another. */
export async function isUseless(engine: Promise<Engine>, error: unknown): Promise<boolean> {
  if (error instanceof SamplerCrashError) return true;
  return engine.then(
    () => false,
    () => true,
  );
}

/** Positions that the model has. @throws ModelFolderError */
export async function readContextLength(modelDirectory: string): Promise<number> {
  return (await readModelConfig(modelDirectory)).maxContextTokens;
}
