/**
 * Files that are either whole or not there: written under a temporary name, flushed to the disk, then named.
 * A crash leaves at most a temporary file, which `sweepTemporaryFiles` removes later.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { errorCode } from './store-error.ts';

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

/** The same for a file that may be larger than memory. */
export async function copyToTemporaryFile(directory: string, source: string): Promise<string> {
  const path = await temporaryPath(directory);
  await pipeline(createReadStream(source), createWriteStream(path, { flags: 'wx', flush: true }));
  return path;
}

/** Names a temporary file for good, replacing what had the name: for content-addressed files, where both are equal. */
export async function renameInto(temporary: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** Names a temporary file unless the name is taken: false = another writer was first. The temporary file is gone after. */
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

/** Removes temporary files that nobody has touched for an hour: their writers are gone. Returns how many. */
export async function sweepTemporaryFiles(directory: string, olderThanMs = 3_600_000): Promise<number> {
  let removed = 0;
  const names = await readdir(directory).catch(() => [] as string[]);
  for (const name of names) {
    const path = join(directory, name);
    const status = await stat(path).catch(() => undefined);
    if (status === undefined || Date.now() - status.mtimeMs < olderThanMs) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

async function temporaryPath(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  return join(directory, `${process.pid}-${randomUUID()}`);
}

/** A name is only durable once its directory is flushed. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
