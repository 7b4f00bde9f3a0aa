/** A tree: a folder of files as one blob. Its digest identifies e.g. a checkpoint. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { canonicalJson } from '../formats/canonical-json.ts';
import { errorCode } from '../formats/error-code.ts';
import type { Blobs } from './blobs.ts';
import { digestOfFile } from './digest.ts';
import { blobKey } from './keys.ts';
import type { ObjectStorage } from './object-storage.ts';
import { guard, StoreError } from './store-error.ts';
import { markUsed, removeLeastUsed } from './tree-cache.ts';
import type { BlobRef, Digest, Tree, TreeStore } from './types.ts';

/** Folders of this machine: materialised trees, and trees in preparation. */
export interface TreeCache {
  readonly folderOf: (digest: Digest) => string;
  readonly temporary: string;
  /** What the trees may take together; undefined = they take nothing, or there is no bound. */
  readonly limitBytes: number | undefined;
}

export function createTrees(storage: ObjectStorage, blobs: Blobs, cache: TreeCache): TreeStore {
  const { refOf } = blobs;
  const putFiles: TreeStore['putFiles'] = async (sources) => {
    const files: Record<string, BlobRef> = {};
    for await (const { name, path } of sources) files[name] = await blobs.putFile(path);
    return blobs.putBlob(Buffer.from(canonicalJson({ files } satisfies Tree)));
  };
  const readTree = async (digest: Digest): Promise<Tree> => parseTree(await blobs.readBlob(digest), digest);
  return {
    putTree: async (folder) => {
      const names = await guard(`reading ${folder}`, () => listFiles(folder));
      return putFiles(names.map((name) => ({ name, path: join(folder, name) })));
    },
    adoptTree: async (folder) => {
      const files: Record<string, BlobRef> = {};
      for (const name of await guard(`reading ${folder}`, () => listFiles(folder)))
        files[name] = await blobs.adoptFile(join(folder, name));
      return blobs.putBlob(Buffer.from(canonicalJson({ files } satisfies Tree)));
    },
    putFiles,
    readTree,
    hasTree: (digest) =>
      guard(`looking for ${digest}`, async () => {
        if ((await refOf(digest)) === undefined) return false;
        const refs = Object.values((await readTree(digest)).files);
        return (await Promise.all(refs.map(({ digest: file }) => refOf(file)))).every((ref) => ref !== undefined);
      }),
    materialiseTree: (digest) =>
      guard(`unpacking ${digest}`, async () => {
        const folder = cache.folderOf(digest);
        if (await markUsed(folder)) return folder;
        const { files } = await readTree(digest);
        const isAbsent = (name: string, ref: BlobRef): StoreError =>
          new StoreError('blob-missing', `${name} of ${digest} (blob ${ref.digest}) is not whole in the store`);
        for (const [name, ref] of Object.entries(files))
          if ((await refOf(ref.digest))?.bytes !== ref.bytes) throw isAbsent(name, ref);
        await fillFolder(folder, cache.temporary, async (temporary) => {
          for (const [name, ref] of Object.entries(files)) {
            const target = join(temporary, name);
            await mkdir(dirname(target), { recursive: true });
            const how = await storage.fetch(blobKey(ref.digest), target);
            if (how === 'absent') throw isAbsent(name, ref);
            if (how === 'copied' && (await digestOfFile(target)) !== ref.digest)
              throw new StoreError('blob-damaged', `${name} of ${digest} (blob ${ref.digest}) has another content`);
          }
        });
        if (cache.limitBytes !== undefined) await removeLeastUsed(dirname(folder), cache.limitBytes);
        return folder;
      }),
  };
}

/** Every regular file below the folder as a `/`-separated relative path, sorted. Links out of it, links to folders and devices are refused. */
export async function listFiles(directory: string): Promise<string[]> {
  const root = await realpath(directory);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink() && !(await realpath(path)).startsWith(`${root}${sep}`))
      throw new StoreError(
        'failed',
        `${path} is a link out of ${directory}, so it is not stored; replace it by a copy`,
      );
    if (!(await stat(path)).isFile())
      throw new StoreError('failed', `${path} is neither a file nor a folder, so it can't be stored`);
    files.push(relative(directory, path).split(sep).join('/'));
  }
  return files.sort();
}

/** @throws StoreError where the blob is no tree, or names a path outside its folder. */
export function parseTree(bytes: Buffer, name: string): Tree {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  if (typeof value !== 'object' || value === null || !('files' in value) || typeof value.files !== 'object')
    throw new StoreError('blob-damaged', `${name} is not a stored folder`);
  const tree = value as Tree;
  for (const path of Object.keys(tree.files))
    if (!isInnerPath(path)) throw new StoreError('blob-damaged', `${name} names the file "${path}" outside its folder`);
  return tree;
}

/** Whether a `/`-separated path of a file stays in the folder that it is joined to. */
export const isInnerPath = (path: string): boolean =>
  !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/** Publishes the folder by one rename. If another process published it first, that copy is kept. */
async function fillFolder(
  folder: string,
  temporaryDirectory: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = join(temporaryDirectory, `tree-${process.pid}-${randomUUID()}`);
  await mkdir(temporary, { recursive: true });
  try {
    await fill(temporary);
    await mkdir(dirname(folder), { recursive: true });
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    const code = errorCode(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
    throw error;
  }
}
