/**
 * Scratch folders of trainings: `<scratch>/<step key>/attempt-<number>/`. The number is the attempt's fencing token: an
 * atomic rename takes it, so two trainers never write to one folder, even if an abandoned attempt is still running. An
 * attempt resumes from the state that an earlier one saved.
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
  /** The furthest state that an earlier attempt saved; a file of this folder. */
  readonly resumeFrom: string | undefined;
}

interface Owner extends ProcessIdentity {
  readonly host: string;
}

const OWNER = 'owner.json';
const trainingPath = (scratch: string, key: Digest): string => join(scratch, key.slice('sha256:'.length));

/** Runs the work in a new attempt folder. The folder stays for the next attempt: see `clearTraining`. */
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

/** Removes the attempts' folders after the step is committed, except those that another process still uses. */
export async function clearTraining(scratch: string, key: Digest): Promise<void> {
  const training = trainingPath(scratch, key);
  await removeDead(training);
  await rmdir(training).catch(() => undefined);
}

async function takeFolder(training: string): Promise<string> {
  await mkdir(training, { recursive: true });
  // The folder gets its name after its owner file is written: a folder without an owner counts as abandoned.
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
      // Another attempt has taken the number; a non-empty folder is never replaced.
      if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

/** Links the furthest saved state of other attempts into the folder, so that it outlives the attempt that made it. */
async function adoptState(training: string, own: string): Promise<string | undefined> {
  const states: string[] = [];
  for (const name of await attempts(training))
    for (const file of await readdir(join(training, name)).catch(() => []))
      if (/^state-\d+\.safetensors$/.test(file)) states.push(join(training, name, file));
  // The file names have equal lengths, so they sort in the order of the updates.
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/'));
  for (const state of states.sort((a, b) => nameOf(b).localeCompare(nameOf(a)))) {
    const adopted = join(own, nameOf(state));
    try {
      await link(state, adopted);
      return adopted;
    } catch {
      // Its attempt has replaced or removed the state in the meantime: try the next best.
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
    // A process on another machine can't be checked, so it counts as alive.
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

/** Removes trainings without an attempt for a month. Returns their number. */
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
