/**
 * Files that are either whole or absent: written under a temporary name, flushed to the disk, then renamed.
 * A crash leaves at most a temporary file, which `sweepTemporaryFiles` removes later.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { errorCode } from './error-code.ts';

/**
 * Replaces a file as a whole: a reader sees the old content or the new one, also after a crash. The folder must exist.
 *
 * @param mode permissions of the file; 0o666 less the umask by default
 * @throws what the file system throws; the old file is then unchanged
 * @example await replaceFile(join(home, 'stack.json'), JSON.stringify(state));
 */
export async function replaceFile(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content, { mode, flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Writes the bytes under a fresh temporary name in the directory, flushed; returns its path. */
export async function writeTemporaryFile(directory: string, bytes: Uint8Array): Promise<string> {
  const path = await temporaryPath(directory);
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return path;
}

/** Copies a file of any size to a fresh temporary name in the directory, flushed; returns its path and its SHA-256. */
export async function copyToTemporaryFile(
  directory: string,
  source: string,
): Promise<{ readonly path: string; readonly sha256: string }> {
  const path = await temporaryPath(directory);
  const hash = createHash('sha256');
  const hashing = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(createReadStream(source), hashing, createWriteStream(path, { flags: 'wx', flush: true }));
  return { path, sha256: hash.digest('hex') };
}

/**
 * Renames a temporary file to its path and replaces an existing file. For content-addressed files, where both are
 * equal.
 */
export async function renameInto(temporary: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/**
 * Renames a temporary file to its path unless the path exists (false: another writer was first). Removes the temporary
 * file.
 */
export async function linkIfFirst(temporary: string, path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await link(temporary, path);
    await syncDirectory(dirname(path));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Removes temporary files and folders in which nothing was written for an hour, whose writers are gone. Returns their
 * number.
 */
export async function sweepTemporaryFiles(directory: string, olderThanMs = 3_600_000): Promise<number> {
  let removed = 0;
  const names = await readdir(directory).catch(() => [] as string[]);
  for (const name of names) {
    const path = join(directory, name);
    const writtenMs = await lastWrittenMs(path);
    if (writtenMs === undefined || Date.now() - writtenMs < olderThanMs) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

/** Of a folder also what it holds: a download changes its file only. Undefined for what is gone. */
async function lastWrittenMs(path: string): Promise<number | undefined> {
  const status = await stat(path).catch(() => undefined);
  if (!status?.isDirectory()) return status?.mtimeMs;
  const names = await readdir(path).catch(() => [] as string[]);
  const inner = await Promise.all(names.map((name) => lastWrittenMs(join(path, name))));
  return Math.max(status.mtimeMs, ...inner.flatMap((ms) => ms ?? []));
}

async function temporaryPath(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  return join(directory, `${process.pid}-${randomUUID()}`);
}

/** A file name is durable only after its directory is flushed. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
