/**
 * Engines that are model servers of our own: one at a time, since it takes the whole GPU. The next checkpoint is served
 * once the last one is unused, by the same server if it takes other weights, else by another; who waits long for another
 * checkpoint is not overtaken for ever.
 */
import type { ArtifactStore, Digest } from '../../artifacts/types.ts';
import { demanding, type Engine, type Engines, isUseless, readContextLength } from '../engines.ts';
import type { Sampler, Tokenizer } from '../types.ts';

export interface ServedEngineParts {
  /** Starts a server on the folder under the checkpoint's name; closing the sampler ends it. */
  readonly openServer: (modelDirectory: string, checkpoint: Digest) => Promise<Sampler>;
  readonly readTokenizer: (modelDirectory: string) => Promise<Tokenizer>;
  /** What people should know: a server that had to be replaced. */
  readonly onNote?: (note: string) => void;
  /** How long users of the served checkpoint may go before those who wait for another. Default 5 minutes. */
  readonly patienceMs?: number;
}

interface Served {
  /** Undefined while the server sleeps: it has no weights. */
  readonly checkpoint: Digest | undefined;
  readonly engine: Promise<Engine>;
  users: number;
}

interface Waiting {
  readonly checkpoint: Digest;
  readonly sinceMs: number;
  readonly admit: (served: Served) => void;
}

const PATIENCE_MS = 5 * 60_000;

export function createServedEngines(store: ArtifactStore, parts: ServedEngineParts): Engines {
  const { patienceMs = PATIENCE_MS } = parts;
  let current: Served | undefined;
  let queue: Waiting[] = [];
  /** Resolves when every server before the current one has given its memory back. */
  let released = Promise.resolve();

  function retire(served: Served | undefined): void {
    const before = released;
    released = before.then(() => closeServed(served));
  }

  async function open(checkpoint: Digest): Promise<Engine> {
    const directory = await store.materialiseTree(checkpoint);
    const [tokenizer, maxContextTokens] = await Promise.all([
      parts.readTokenizer(directory),
      readContextLength(directory),
    ]);
    return { sampler: await parts.openServer(directory, checkpoint), tokenizer, maxContextTokens };
  }

  /** The checkpoint in the idle server's place: by its weights alone, if that can be. */
  async function exchange(previous: Served | undefined, checkpoint: Digest): Promise<Engine> {
    // Of this moment: a `close()` meanwhile waits for this very exchange.
    const before = released;
    const engine = await previous?.engine.catch(() => undefined);
    if (engine?.sampler.swapWeights !== undefined)
      try {
        await engine.sampler.swapWeights(await store.materialiseTree(checkpoint), checkpoint);
        return engine;
      } catch (error) {
        // A new server says what is wrong with the checkpoint, if it is the checkpoint; and it takes a minute.
        parts.onNote?.(`the model server did not take ${checkpoint}, another is started: ${error}`);
      }
    await before;
    await closeServed(previous);
    return open(checkpoint);
  }

  /** Lets in every caller that may go now. */
  function admit(): void {
    const [first] = queue;
    if (first === undefined) return;
    const isOverdue = first.checkpoint !== current?.checkpoint && Date.now() - first.sinceMs > patienceMs;
    if ((current?.users ?? 0) === 0 && first.checkpoint !== current?.checkpoint) {
      current = { checkpoint: first.checkpoint, engine: exchange(current, first.checkpoint), users: 0 };
    } else if (isOverdue) return;
    const served = current;
    if (served === undefined) return;
    const admitted = queue.filter(({ checkpoint }) => checkpoint === served.checkpoint);
    queue = queue.filter(({ checkpoint }) => checkpoint !== served.checkpoint);
    served.users += admitted.length;
    for (const { admit: enter } of admitted) enter(served);
  }

  async function close(): Promise<void> {
    retire(current);
    current = undefined;
    await released;
  }

  return {
    async use(checkpoint, work) {
      const served = await new Promise<Served>((enter) => {
        queue.push({ checkpoint, sinceMs: Date.now(), admit: enter });
        admit();
      });
      try {
        const engine = await served.engine;
        return await work({ ...engine, sampler: demanding(engine.sampler, checkpoint) });
      } catch (error) {
        // A server that did not start, or is gone: the next turn starts another.
        if ((await isUseless(served.engine, error)) && current === served) {
          current = undefined;
          retire(served);
        }
        throw error;
      } finally {
        served.users -= 1;
        admit();
      }
    },
    async rest() {
      const resting = current;
      const sampler = await resting?.engine.then(
        (engine) => engine.sampler,
        () => undefined,
      );
      if (resting === undefined || sampler?.sleep === undefined) return close();
      try {
        await sampler.sleep();
        current = { checkpoint: undefined, engine: resting.engine, users: 0 };
      } catch (error) {
        parts.onNote?.(`the model server does not sleep, so it is ended: ${error}`);
        await close();
      }
    },
    close,
  };
}

async function closeServed(served: Served | undefined): Promise<void> {
  await served?.engine.then(
    ({ sampler }) => sampler.close(),
    () => undefined,
  );
}
