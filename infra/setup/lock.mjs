import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 250;
const HEARTBEAT_MS = 5_000;
/**
 * Without a heartbeat for this long, a holder that can't be checked (other machine, reused process id) counts as dead.
 */
const STALE_MS = 10 * 60_000;

/**
 * Runs `work` while holding the lock directory `path`; others wait, and take it over if its holder died.
 *
 * The directory holds one empty file, whose name identifies the holder. Every change of holder is one atomic rename: a
 * prepared directory onto a free (absent or empty) path, or the dead holder's file to the new holder's name. So of two
 * that find a dead holder, only one gets the lock.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {{onWait?: (holder: string) => void}} [options] `onWait` is called once, when someone else holds it
 * @returns {Promise<T>}
 */
export async function withLock(path, work, options = {}) {
  const own = join(path, await acquire(path, options.onWait));
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(own, now, now).catch(() => {});
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(own, { force: true });
    // Not empty: another process took the path right after our file was removed.
    await rmdir(path).catch(() => {});
  }
}

/**
 * @param {string} path
 * @param {((holder: string) => void) | undefined} onWait
 */
async function acquire(path, onWait) {
  const token = `${process.pid}@${hostname()}@${randomBytes(6).toString('hex')}`;
  const prepared = `${path}.${token}`;
  await mkdir(dirname(path), { recursive: true });
  await mkdir(prepared);
  await writeFile(join(prepared, token), '');
  let isReported = false;
  try {
    for (;;) {
      if (await succeeds(rename(prepared, path))) return token;
      const holder = await findHolder(path);
      if (holder !== undefined) {
        if (holder.isGone && (await takeOver(path, holder.token, token))) return token;
        if (!isReported) onWait?.(`process ${holder.pid} on ${holder.host}`);
        isReported = true;
      }
      await sleep(POLL_MS);
    }
  } finally {
    await rm(prepared, { recursive: true, force: true });
  }
}

/**
 * @param {string} path
 * @param {string} gone
 * @param {string} token
 */
async function takeOver(path, gone, token) {
  // The heartbeat comes first, and the file keeps it when renamed: our name must never appear with an old heartbeat.
  const now = new Date();
  return (await succeeds(utimes(join(path, gone), now, now))) && succeeds(rename(join(path, gone), join(path, token)));
}

/** @param {string} path */
async function findHolder(path) {
  try {
    const [token] = await readdir(path);
    if (token === undefined) return undefined;
    const [pid, host] = token.split('@');
    const ageMs = Date.now() - (await stat(join(path, token))).mtimeMs;
    return { token, pid, host, isGone: (host === hostname() && !isAlive(Number(pid))) || ageMs > STALE_MS };
  } catch (error) {
    // Released or handed over between the two reads: read again.
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * @param {Promise<void>} change of the lock directory
 * @returns {Promise<boolean>} false if another process was faster
 */
async function succeeds(change) {
  try {
    await change;
    return true;
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code ?? '';
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code)) return false;
    throw error;
  }
}
