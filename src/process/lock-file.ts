/** Lock files that name their processes, and are void once these are dead. */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { errorCode } from '../formats/error-code.ts';
import { identityOf, identitySchema, isAlive, ownIdentity, type ProcessIdentity, parseAs } from './process-identity.ts';

const lockSchema = z.object({
  ...identitySchema.shape,
  /** A child that uses what is locked, and may outlive the owner for some seconds. */
  user: identitySchema.exactOptional(),
  /** What the lock was taken for, for people. */
  purpose: z.string().exactOptional(),
});

/** Takes the lock, or returns the living process that has it. Its folder exists. */
export async function takeLock(path: string, purpose?: string): Promise<ProcessIdentity | undefined> {
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, JSON.stringify({ ...(await ownIdentity()), ...(purpose === undefined ? {} : { purpose }) }));
  try {
    // Each round takes the lock, finds a live owner, or removes the lock of a dead one.
    for (;;) {
      if (await tryLink(mine, path)) return undefined;
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      const holder = await holderOf(text);
      if (holder !== undefined) return holder;
      await clearStale(path, text);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** Names a child in our own lock, in place of one that was named before. */
export async function nameUser(path: string, pid: number): Promise<void> {
  const mine = `${path}.${randomUUID()}`;
  const purpose = parseAs(lockSchema, await readFile(path, 'utf8').catch(() => ''))?.purpose;
  const named = { ...(await ownIdentity()), user: await identityOf(pid) };
  await writeFile(mine, JSON.stringify({ ...named, ...(purpose === undefined ? {} : { purpose }) }));
  await rename(mine, path);
}

/** Gives the lock back; nothing where another process has it. */
export async function releaseLock(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text !== undefined && parseAs(identitySchema, text)?.pid === process.pid) await rm(path, { force: true });
}

/** The living process that holds a lock with this text. */
async function holderOf(text: string): Promise<ProcessIdentity | undefined> {
  const lock = parseAs(lockSchema, text);
  if (lock === undefined) return undefined;
  const { user, purpose: _, ...owner } = lock;
  if (await isAlive(owner)) return owner;
  return user !== undefined && (await isAlive(user)) ? user : undefined;
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
