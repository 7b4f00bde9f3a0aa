/** Lock files that name their process, and are void once that process is dead. */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { errorCode } from '../formats/error-code.ts';
import { identitySchema, isAlive, ownIdentity, type ProcessIdentity, parseAs } from './process-identity.ts';

/** Takes the lock, or returns the living process that has it. Its folder exists. */
export async function takeLock(path: string): Promise<ProcessIdentity | undefined> {
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, JSON.stringify(await ownIdentity()));
  try {
    // Each round takes the lock, finds a live owner, or removes the lock of a dead one.
    for (;;) {
      if (await tryLink(mine, path)) return undefined;
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      const found = parseAs(identitySchema, text);
      if (found !== undefined && (await isAlive(found))) return found;
      await clearStale(path, text);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** Gives the lock back; nothing where another process has it. */
export async function releaseLock(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text !== undefined && parseAs(identitySchema, text)?.pid === process.pid) await rm(path, { force: true });
}

async function tryLink(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the dead owner's lock away. Puts it back if another process has taken the lock in the meantime. */
async function clearStale(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8')) !== stale) await tryLink(aside, path);
  await rm(aside, { force: true });
}
