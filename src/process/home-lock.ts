/** One stack per home folder: a lock file that names its process and is void once that process is dead. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.ts';

export class HomeInUse extends Error {
  override readonly name = 'HomeInUse';
}

/** Takes the lock and returns its release function. @throws HomeInUse while a live process holds it */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  await mkdir(home, { recursive: true });
  const path = join(home, 'stack.lock');
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, JSON.stringify(await ownIdentity()));
  try {
    // Each round takes the lock, finds a live owner, or removes the lock of a dead one.
    for (;;) {
      if (await tryLink(mine, path)) break;
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      const found = parseOwner(text);
      if (found !== undefined && (await isAlive(found)))
        throw new HomeInUse(
          `a stack runs on ${home} already (process ${found.pid}); stop it, or use another folder with --home`,
        );
      await clearStale(path, text);
    }
  } finally {
    await rm(mine, { force: true });
  }
  return async () => {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined && parseOwner(text)?.pid === process.pid) await rm(path, { force: true });
  };
}

async function tryLink(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
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

function parseOwner(text: string): ProcessIdentity | undefined {
  try {
    const value = JSON.parse(text) as Partial<ProcessIdentity>;
    return typeof value.pid === 'number' && typeof value.startedAt === 'string'
      ? { pid: value.pid, startedAt: value.startedAt }
      : undefined;
  } catch {
    return undefined;
  }
}
