import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const STAMP = '.whencode-stamp.json';

/**
 * A tool in the cache: `<cache>/<name>` is a link to `<cache>/<name>-<digest>`. That directory is built under a
 * temporary name, stamped, and renamed, so it is either complete or absent, and processes that use the old one are not
 * disturbed.
 *
 * @typedef {{cacheDirectory: string, name: string, digest: string}} CachedDirectory
 */

/**
 * @param {unknown} parts JSON of the inputs that determine the content: lock file, platform, …
 * @returns {string} 12 hex digits
 */
export function digestOf(parts) {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

/**
 * A directory that a lock file determines on this platform.
 *
 * @param {{cacheDirectory: string}} context
 * @param {string} name
 * @param {string} lockFile
 * @returns {Promise<CachedDirectory>}
 */
export async function describeLocked({ cacheDirectory }, name, lockFile) {
  const lock = await readFile(lockFile, 'utf8');
  return { cacheDirectory, name, digest: digestOf([lock, process.platform, process.arch]) };
}

/**
 * @param {CachedDirectory} directory
 * @returns {Promise<boolean>} true if the link points at a complete directory of this digest
 */
export async function isInstalled(directory) {
  return (await readStamp(directory)) !== undefined;
}

/**
 * @param {CachedDirectory} directory
 * @returns {Promise<Record<string, unknown> | undefined>} what is known of the complete directory of this digest
 */
export async function readStamp({ cacheDirectory, name, digest }) {
  const versioned = `${name}-${digest}`;
  try {
    if ((await readlink(join(cacheDirectory, name))) !== versioned) return undefined;
    const stamp = JSON.parse(await readFile(join(cacheDirectory, versioned, STAMP), 'utf8'));
    return stamp.digest === digest ? stamp : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Replaces the directory. Call it with the set-up lock held, after a check has failed: a directory that is already
 * linked is then damaged, and is rebuilt.
 *
 * @param {CachedDirectory} directory
 * @param {(temporary: string) => Promise<object | void>} build fills the (existing, empty) directory; what it returns is
 *   kept in the stamp
 */
export async function installDirectory({ cacheDirectory, name, digest }, build) {
  const versioned = `${name}-${digest}`;
  const target = join(cacheDirectory, versioned);
  const link = join(cacheDirectory, name);
  await mkdir(cacheDirectory, { recursive: true });
  await removeUnfinished(cacheDirectory, name);
  const isDamaged = await isInstalled({ cacheDirectory, name, digest });
  if (isDamaged || !(await exists(join(target, STAMP)))) {
    await rm(target, { recursive: true, force: true });
    // A unique name: a command that a killed set-up left behind may still write into the last one.
    const temporary = `${target}.${randomBytes(4).toString('hex')}.unfinished`;
    await mkdir(temporary);
    const made = await build(temporary);
    await writeFile(join(temporary, STAMP), JSON.stringify({ digest, installedAt: new Date().toISOString(), ...made }));
    await rename(temporary, target);
  }
  const newLink = `${link}.unfinished`;
  await rm(newLink, { force: true });
  await symlink(versioned, newLink);
  // rename replaces a link atomically, but not a real directory left by something else.
  if (await isRealDirectory(link)) await rename(link, `${link}.replaced-${Date.now()}`);
  await rename(newLink, link);
}

/**
 * @param {string} cacheDirectory
 * @param {string} name
 */
async function removeUnfinished(cacheDirectory, name) {
  for (const entry of await readdir(cacheDirectory)) {
    if (entry.startsWith(`${name}-`) && entry.endsWith('.unfinished')) {
      // Fails while another process still writes there; the next set-up removes it.
      await rm(join(cacheDirectory, entry), { recursive: true, force: true }).catch(() => {});
    }
  }
}

/** @param {string} path */
async function exists(path) {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** @param {string} path */
async function isRealDirectory(path) {
  return (await lstat(path).catch(() => undefined))?.isDirectory() ?? false;
}
