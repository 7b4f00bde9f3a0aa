/**
 * GPUs that parts of one machine take by turns. A lock file for each GPU names the process that has it, and the model server's
 * if that is another. A process that waits
 * leaves a note, so that the holder can give way, and so that nobody who came later goes first. What a dead process left counts
 * for nothing.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { nameUser, releaseLock, takeLock } from './lock-file.ts';
import { identitySchema, isAlive, ownIdentity, parseAs } from './process-identity.ts';

export interface GpuLease {
  /** Takes all of its GPUs once no living process has one of them and nobody who waits came first. */
  take(options?: { readonly signal?: AbortSignal; readonly onWait?: () => void }): Promise<void>;
  /** Names a child that uses the GPUs while this process has them: both have to be dead before another takes them. */
  nameUser(pid: number): Promise<void>;
  release(): Promise<void>;
  /** Whether another one waits for one of its GPUs. */
  isWanted(): Promise<boolean>;
}

const POLL_MS = 500;
const NOTE = /^wait-.*\.json$/;
const noteSchema = z.object({
  ...identitySchema.shape,
  id: z.string(),
  gpus: z.array(z.string()),
  sinceMs: z.number(),
});
type Note = z.infer<typeof noteSchema>;

/**
 * @param folder - The same for all that share the GPUs
 * @param gpus - As in CUDA_VISIBLE_DEVICES
 * @example
 * const lease = openGpuLease({ folder: join(home, 'gpus'), gpus: ['0', '1'] });
 * await lease.take({ signal });
 */
export function openGpuLease({
  folder,
  gpus,
  pollMs = POLL_MS,
}: {
  readonly folder: string;
  readonly gpus: readonly string[];
  readonly pollMs?: number;
}): GpuLease {
  const id = randomUUID();
  const notePath = join(folder, `wait-${id}.json`);
  // In one order, so that who gets the first of two sets that overlap gets the others too.
  const locks = [...new Set(gpus)].sort().map((gpu) => join(folder, `gpu-${gpu}.lock`));

  /** Notes of others who are alive and want one of these GPUs. */
  async function others(): Promise<Note[]> {
    const found: Note[] = [];
    for (const name of await readdir(folder).catch(() => [])) {
      if (!NOTE.test(name)) continue;
      const path = join(folder, name);
      const note = parseAs(noteSchema, await readFile(path, 'utf8').catch(() => ''));
      if (note === undefined || note.id === id || !note.gpus.some((gpu) => gpus.includes(gpu))) continue;
      if (await isAlive(note)) found.push(note);
      else await rm(path, { force: true });
    }
    return found;
  }

  const isBefore = (one: Note, other: Note): boolean =>
    one.sinceMs < other.sinceMs || (one.sinceMs === other.sinceMs && one.id < other.id);

  /** All locks or none. */
  async function tryAll(): Promise<boolean> {
    for (const [at, path] of locks.entries()) {
      if ((await takeLock(path)) === undefined) continue;
      await Promise.all(locks.slice(0, at).map(releaseLock));
      return false;
    }
    return true;
  }

  return {
    async take({ signal, onWait } = {}) {
      signal?.throwIfAborted();
      await mkdir(folder, { recursive: true });
      const note: Note = { ...(await ownIdentity()), id, gpus: [...gpus], sinceMs: Date.now() };
      await writeFile(notePath, JSON.stringify(note));
      try {
        for (;;) {
          const isFirst = (await others()).every((other) => isBefore(note, other));
          if (isFirst && (await tryAll())) return;
          onWait?.();
          await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
        }
      } finally {
        await rm(notePath, { force: true });
      }
    },
    nameUser: async (pid) => void (await Promise.all(locks.map((path) => nameUser(path, pid)))),
    release: async () => void (await Promise.all(locks.map(releaseLock))),
    isWanted: async () => (await others()).length > 0,
  };
}
