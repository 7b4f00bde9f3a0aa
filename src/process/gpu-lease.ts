/**
 * GPUs that parts of one machine take by turns. A lock file for each GPU names the process that has it, what it has it for, and the
 * model server's process if that is another. A process that waits leaves a note, so that the holder can give way, and so that nobody who came later goes first. What a dead process left counts
 * for nothing.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { nameUser, releaseLock, takeLock } from './lock-file.ts';
import { identityOf, identitySchema, isAlive, ownIdentity, type ProcessIdentity, parseAs } from './process-identity.ts';

interface TakeOptions {
  readonly signal?: AbortSignal;
  readonly onWait?: () => void;
  /** What the GPUs are taken for, e.g. `training of arithmetic, iteration 3`: the lock files say it. */
  readonly purpose?: string;
}

export interface GpuLease {
  /** Takes all of its GPUs once no living process has one of them and nobody who waits came first. */
  take(options?: TakeOptions): Promise<void>;
  /**
   * Names a child that uses the GPUs whenever this process has them: both have to be dead before another takes them. A child
   * that lives on is named again in the next `take`.
   */
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
  let user: ProcessIdentity | undefined;
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
  async function tryAll(purpose: string | undefined): Promise<boolean> {
    for (const [at, path] of locks.entries()) {
      if ((await takeLock(path, purpose)) === undefined) continue;
      await Promise.all(locks.slice(0, at).map(releaseLock));
      return false;
    }
    if (user !== undefined && (await isAlive(user))) await nameInAll(user.pid);
    return true;
  }

  const nameInAll = async (pid: number): Promise<void> =>
    void (await Promise.all(locks.map((path) => nameUser(path, pid))));

  return {
    async take({ signal, onWait, purpose } = {}) {
      signal?.throwIfAborted();
      await mkdir(folder, { recursive: true });
      const note: Note = { ...(await ownIdentity()), id, gpus: [...gpus], sinceMs: Date.now() };
      await writeFile(notePath, JSON.stringify(note));
      try {
        for (;;) {
          const isFirst = (await others()).every((other) => isBefore(note, other));
          if (isFirst && (await tryAll(purpose))) return;
          onWait?.();
          await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
        }
      } finally {
        await rm(notePath, { force: true });
      }
    },
    async nameUser(pid) {
      user = await identityOf(pid);
      await nameInAll(pid);
    },
    release: async () => void (await Promise.all(locks.map(releaseLock))),
    isWanted: async () => (await others()).length > 0,
  };
}
