/** Inference engines by checkpoint: opened once, at most two kept (a campaign's and an evaluation's). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactStore, Digest } from '../../src/artifacts/types.ts';
import type { Sampler, Tokenizer } from '../../src/sampler/types.ts';

export interface Engine {
  readonly sampler: Sampler;
  readonly tokenizer: Tokenizer;
  /** Positions that the model has. */
  readonly maxContextTokens: number;
}

export interface EngineParts {
  readonly openSampler: (modelDirectory: string) => Promise<Sampler>;
  readonly readTokenizer: (modelDirectory: string) => Promise<Tokenizer>;
}

export interface Engines {
  /** Runs the work on the checkpoint's engine; it isn't closed before the work has ended. */
  use<T>(checkpoint: Digest, work: (engine: Engine) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Entry {
  readonly engine: Promise<Engine>;
  users: number;
}

const ENGINES_KEPT = 2;

export function createEngines(store: ArtifactStore, parts: EngineParts): Engines {
  // In order of last use.
  const entries = new Map<Digest, Entry>();

  async function open(checkpoint: Digest): Promise<Engine> {
    const directory = await store.materialiseTree(checkpoint);
    const [sampler, tokenizer, maxContextTokens] = await Promise.all([
      parts.openSampler(directory),
      parts.readTokenizer(directory),
      readContextLength(directory),
    ]);
    return { sampler, tokenizer, maxContextTokens };
  }

  function enter(checkpoint: Digest): Entry {
    const entry = entries.get(checkpoint) ?? { engine: open(checkpoint), users: 0 };
    entries.delete(checkpoint);
    entries.set(checkpoint, entry);
    entry.users += 1;
    return entry;
  }

  /** Closes the engines that nobody uses, oldest first, until `kept` are left. */
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

  function forget(checkpoint: Digest, entry: Entry): void {
    if (entries.get(checkpoint) === entry) entries.delete(checkpoint);
  }

  return {
    async use(checkpoint, work) {
      const entry = enter(checkpoint);
      try {
        await closeIdle(ENGINES_KEPT);
        const engine = await entry.engine;
        return await work(engine);
      } catch (error) {
        if (await isUseless(entry, error)) forget(checkpoint, entry);
        throw error;
      } finally {
        entry.users -= 1;
      }
    },
    close: () => closeIdle(0),
  };
}

/** An engine that could not be opened, or crashed, serves nobody any more: the next turn opens another. */
async function isUseless({ engine }: Entry, error: unknown): Promise<boolean> {
  if (error instanceof Error && error.name === 'SamplerCrashError') return true;
  return engine.then(
    () => false,
    () => true,
  );
}

/** Positions that the model has, by its config.json. */
export async function readContextLength(modelDirectory: string): Promise<number> {
  const config = JSON.parse(await readFile(join(modelDirectory, 'config.json'), 'utf8')) as Record<string, unknown>;
  const length = config.max_position_embeddings;
  if (typeof length === 'number' && length > 0) return length;
  throw new Error(`${join(modelDirectory, 'config.json')} has no max_position_embeddings`);
}
