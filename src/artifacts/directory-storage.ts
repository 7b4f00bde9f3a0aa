/**
 * Objects as files of a folder that all processes of a machine share: key = path. What is being written lies in
 * `tmp/`, so a file under its key is always whole and flushed to the disk.
 */
import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { chmod, copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  copyToTemporaryFile,
  linkIfFirst,
  renameInto,
  sweepTemporaryFiles,
  writeTemporaryFile,
} from '../formats/durable-file.ts';
import { errorCode } from '../formats/error-code.ts';
import type { FileBody, ObjectStatus, ObjectStorage } from './object-storage.ts';
import { StoreError } from './store-error.ts';

const READ_ONLY = 0o444;

/** Opens nothing and creates nothing: the first `put` makes the folder. */
export function createDirectoryStorage(directory: string): ObjectStorage {
  const temporary = join(directory, 'tmp');
  const pathOf = (key: string): string => {
    if (!isKey(key)) throw new TypeError(`"${key}" is not a key; allowed are relative paths without "." and ".."`);
    return join(directory, key);
  };

  async function statusOf(path: string): Promise<ObjectStatus | undefined> {
    const status = await orAbsent(stat(path));
    return status?.isFile() ? { bytes: status.size, modifiedMs: status.mtimeMs } : undefined;
  }

  /** Sets the modification time of an object of this length to now. Returns false where there is no such object. */
  async function touch(path: string, bytes: number): Promise<boolean> {
    if ((await statusOf(path))?.bytes !== bytes) return false;
    const now = new Date();
    return (await orAbsent(utimes(path, now, now).then(() => true))) ?? false;
  }

  async function copyBody({ path, digest }: FileBody): Promise<string> {
    const copy = await copyToTemporaryFile(temporary, path);
    if (`sha256:${copy.sha256}` === digest) return copy.path;
    await rm(copy.path, { force: true });
    throw new StoreError('failed', `${path} changed while it was stored; retry once it is complete`);
  }

  /** Moves the file into `tmp/`, flushed; copies it from another file system. */
  async function moveBody(body: FileBody): Promise<string> {
    const moved = join(temporary, randomUUID());
    await mkdir(temporary, { recursive: true });
    try {
      await rename(body.path, moved);
    } catch (error) {
      if (errorCode(error) !== 'EXDEV') throw error;
      return copyBody(body);
    }
    const file = await open(moved);
    await file.sync().finally(() => file.close());
    return moved;
  }

  return {
    location: directory,
    timeStepMs: 0,
    get: async (key) => orAbsent(readFile(pathOf(key))),
    async stream(key, range) {
      // The file is opened here, so that an absent file is a value and not a stream error.
      const file = await orAbsent(open(pathOf(key)));
      if (file === undefined) return undefined;
      return file.createReadStream(range === undefined ? {} : { start: range.start, end: range.end - 1 });
    },
    stat: async (key) => statusOf(pathOf(key)),
    async *list(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      for await (const key of walk(directory, folder)) if (key.startsWith(prefix)) yield key;
    },
    async put(key, body) {
      const path = pathOf(key);
      const isFile = !(body instanceof Uint8Array);
      if (await touch(path, isFile ? body.bytes : body.length)) return;
      const file = !isFile
        ? await writeTemporaryFile(temporary, body)
        : await (body.isOurs === true ? moveBody(body) : copyBody(body));
      await chmod(file, READ_ONLY);
      await renameInto(file, path);
    },
    async putIfAbsent(key, bytes) {
      const path = pathOf(key);
      return linkIfFirst(await writeTemporaryFile(temporary, bytes), path);
    },
    async move(key, target) {
      const path = pathOf(target);
      await mkdir(dirname(path), { recursive: true });
      return (await orAbsent(rename(pathOf(key), path).then(() => true))) ?? false;
    },
    async delete(key, onlyIf = () => true) {
      const path = pathOf(key);
      const aside = join(temporary, `deleted-${randomUUID()}`);
      await mkdir(temporary, { recursive: true });
      if ((await orAbsent(rename(path, aside).then(() => true))) === undefined) return undefined;
      const status = await statusOf(aside);
      if (status === undefined || !onlyIf(status)) {
        await rename(aside, path);
        return undefined;
      }
      await rm(aside, { force: true });
      return status;
    },
    async fetch(key, target) {
      const source = pathOf(key);
      const linked = await orAbsent(link(source, target).then(() => 'linked' as const)).catch((error: unknown) => {
        if (!HAS_NO_LINKS.has(errorCode(error) ?? '')) throw error;
        return 'refused' as const;
      });
      if (linked !== 'refused') return linked ?? 'absent';
      if ((await orAbsent(copyFile(source, target).then(() => true))) === undefined) return 'absent';
      await chmod(target, READ_ONLY);
      return 'copied';
    },
    async sweep() {
      await sweepTemporaryFiles(temporary);
    },
  };
}

/** True for another file system, one without hard links, or a file at its link limit. */
const HAS_NO_LINKS: ReadonlySet<string> = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP']);

const isKey = (key: string): boolean =>
  basename(key) !== '' && !key.split('/').some((part) => part === '' || part === '.' || part === '..');

/** Undefined where the file, or a folder on the way to it, does not exist. */
async function orAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The keys below a folder, in key order: a folder sorts as its name followed by `/`. */
async function* walk(directory: string, folder: string): AsyncIterable<string> {
  const entries = (await orAbsent(readdir(join(directory, folder), { withFileTypes: true }))) ?? [];
  const nameOf = (entry: Dirent): string => (entry.isDirectory() ? `${entry.name}/` : entry.name);
  for (const name of entries.map(nameOf).sort(compare)) {
    if (name.endsWith('/')) yield* walk(directory, `${folder}${name}`);
    else yield `${folder}${name}`;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : 1);
