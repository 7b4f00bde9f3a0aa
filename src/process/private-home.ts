/** Keeps a home folder to its owner: it holds the token, models, rollouts and a database. */
import { chmod, lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../formats/error-code.ts';

/** Permission bits of everyone but the owner. */
const OTHERS = 0o077;
/** Name of the key file. It is not closed: its reader refuses one that others could read. */
export const PAYLOAD_KEY = 'payload.key';

/** One of these is in every home folder that a stack has used, or that got a copy of the key; no other program makes them. */
const MARKS = ['stack.json', 'stack.lock', 'control.json', 'temporal.db', PAYLOAD_KEY, join('store', 'format')];

/** The folder can't be made private, or is not a home folder. The message says what to do. */
export class HomeNotPrivate extends Error {
  override readonly name = 'HomeNotPrivate';
}

/**
 * Makes the home folder if it is absent, and takes the permissions of other users from it and from its entries.
 *
 * @throws HomeNotPrivate for a folder of another user, and for an open one that holds other things than a stack's
 * @example await makeHomePrivate('/home/ada/.whencode');
 */
export async function makeHomePrivate(home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const names = await readdir(home);
  const { mode, uid } = await stat(home);
  if ((mode & OTHERS) !== 0) {
    if (names.length > 0 && !(await hasMark(home)))
      throw new HomeNotPrivate(
        `${home} is open to other users and holds things that are no stack's; name a folder of its own with --home`,
      );
    await chmod(home, 0o700).catch((error: unknown) => {
      if (errorCode(error) !== 'EPERM') throw error;
      throw new HomeNotPrivate(
        uid === process.getuid?.()
          ? `${home} is on a file system that keeps no permissions; name a folder on another one with --home`
          : `${home} belongs to another user; name a folder of your own with --home`,
      );
    });
  }
  await Promise.all(names.filter((name) => name !== PAYLOAD_KEY).map((name) => takeFromOthers(join(home, name))));
}

async function hasMark(home: string): Promise<boolean> {
  const found = await Promise.all(MARKS.map((name) => lstat(join(home, name)).catch(() => undefined)));
  return found.some((status) => status !== undefined);
}

/** Takes the permissions of other users from all files below a folder. */
export async function makeFilesPrivate(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  await Promise.all(names.map((name) => takeFromOthers(join(folder, name))));
}

/** Permissions of other users on the home folder or on an entry of it: the first path that has some. */
export async function findOpenToOthers(home: string): Promise<string | undefined> {
  const names = await readdir(home).catch(() => []);
  for (const path of [home, ...names.map((name) => join(home, name))])
    if ((await modeOpenToOthers(path)) !== undefined) return path;
  return undefined;
}

/** A file that vanishes, or belongs to another user, is skipped: the folder around it is closed. */
async function takeFromOthers(path: string): Promise<void> {
  const mode = await modeOpenToOthers(path);
  if (mode !== undefined) await chmod(path, mode & ~OTHERS).catch(() => undefined);
}

/** The mode where other users have a permission. Links have no permissions of their own and are not followed. */
async function modeOpenToOthers(path: string): Promise<number | undefined> {
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined || status.isSymbolicLink() || (status.mode & OTHERS) === 0) return undefined;
  return status.mode & 0o7777;
}
