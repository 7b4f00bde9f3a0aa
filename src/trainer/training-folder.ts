/**
 * Scratch folders of trainings: `<scratch>/<step key>/attempt-<number>/`. The number is the attempt's fencing token: it
 * is taken by a rename that only one can win, so no two trainers ever write one folder, also where an attempt that was
 * given up lives on. What an attempt saved on its way, the next one goes on from.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Digest } from '../artifacts/types.ts';
import { errorCode } from '../formats/error-code.ts';
import { isAlive, ownIdentity, type ProcessIdentity } from '../process/process-identity.ts';

export interface AttemptFolder {
  readonly path: string;
  /** The state that the furthest earlier attempt saved; a file of this folder. */
  readonly resumeFrom: string | undefined;
}

interface Owner extends ProcessIdentity {
  readonly host: string;
}

const OWNER = 'owner.json';
const trainingPath = (scratch: string, key: Digest): string => join(scratch, key.slice('sha256:'.length));

/** Runs the work in an attempt's folder of its own. What it leaves there stays, for the next attempt: see `clearTraining`. */
export async function inAttemptFolder<T>(
  scratch: string,
  key: Digest,
  work: (attempt: AttemptFolder) => Promise<T>,
): Promise<T> {
  const training = trainingPath(scratch, key);
  const path = await takeFolder(training);
  try {
    const resumeFrom = await adoptState(training, path);
    await removeDead(training, path);
    return await work({ path, resumeFrom });
  } finally {
    await rm(join(path, OWNER), { force: true });
  }
}

/** Once the step is committed: removes what its attempts left, but for one that another process still works on. */
export async function clearTraining(scratch: string, key: Digest): Promise<void> {
  const training = trainingPath(scratch, key);
  await removeDead(training);
  await rmdir(training).catch(() => undefined);
}

async function takeFolder(training: string): Promise<string> {
  await mkdir(training, { recursive: true });
  // Named when it says already whose it is: a folder without an owner is one that was left.
  const mine = join(training, `.${randomUUID()}`);
  await mkdir(mine);
  const owner: Owner = { ...(await ownIdentity()), host: hostname() };
  await writeFile(join(mine, OWNER), JSON.stringify(owner));
  for (let number = 1 + Math.max(0, ...(await attempts(training)).map(numberOf)); ; number += 1) {
    const path = join(training, `attempt-${number}`);
    try {
      await rename(mine, path);
      return path;
    } catch (error) {
      // Another attempt has the number; a folder with files is never replaced.
      if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

/** Links the furthest saved state of the others into the folder, so that it stays whatever becomes of its maker. */
async function adoptState(training: string, own: string): Promise<string | undefined> {
  const states: string[] = [];
  for (const name of await attempts(training))
    for (const file of await readdir(join(training, name)).catch(() => []))
      if (/^state-\d+\.safetensors$/.test(file)) states.push(join(training, name, file));
  // Equal lengths, so that the order of the names is that of the updates.
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/'));
  for (const state of states.sort((a, b) => nameOf(b).localeCompare(nameOf(a)))) {
    const adopted = join(own, nameOf(state));
    try {
      await link(state, adopted);
      return adopted;
    } catch {
      // Its maker has just replaced it by a later one, or was removed: the next best.
    }
  }
  return undefined;
}

async function removeDead(training: string, but?: string): Promise<void> {
  for (const name of await attempts(training)) {
    const path = join(training, name);
    if (path === but || (await isOwned(path))) continue;
    await rm(path, { recursive: true, force: true });
  }
}

async function isOwned(attempt: string): Promise<boolean> {
  try {
    const owner = JSON.parse(await readFile(join(attempt, OWNER), 'utf8')) as Owner;
    // Of a process elsewhere nothing is known.
    return owner.host !== hostname() || (await isAlive(owner));
  } catch {
    return false;
  }
}

const numberOf = (attempt: string): number => Number(attempt.slice('attempt-'.length));

async function attempts(training: string): Promise<string[]> {
  return (await readdir(training).catch(() => [])).filter((name) => /^attempt-\d+$/.test(name));
}

const KEPT_MS = 30 * 86_400_000;

/** Removes trainings that nobody has gone on with for a month. Returns how many. */
export async function sweepTrainings(scratch: string, olderThanMs = KEPT_MS): Promise<number> {
  let removed = 0;
  for (const name of await readdir(scratch).catch(() => [])) {
    const training = join(scratch, name);
    const changed = await stat(training).catch(() => undefined);
    if (changed === undefined || Date.now() - changed.mtimeMs < olderThanMs) continue;
    const owned = await Promise.all((await attempts(training)).map((attempt) => isOwned(join(training, attempt))));
    if (owned.includes(true)) continue;
    await rm(training, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}
