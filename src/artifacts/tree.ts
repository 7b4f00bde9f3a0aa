/** A folder of files as one blob: what names a checkpoint. */
import { randomUUID } from 'node:crypto';
import { chmod, copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { errorCode, StoreError } from './store-error.ts';
import type { BlobRef, Tree } from './types.ts';

/** Every regular file below the folder as a `/`-separated relative path, sorted. Links and devices are refused. */
export async function listFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    // A link to a file is stored as the file: checkpoints in model caches are made of links.
    if (!entry.isFile() && !(entry.isSymbolicLink() && (await stat(path)).isFile()))
      throw new StoreError('failed', `${path} is neither a file nor a folder, so it can't be stored`);
    files.push(relative(directory, path).split(sep).join('/'));
  }
  return files.sort();
}

/** @throws when the blob isn't a tree, or names a path outside its folder. */
export function parseTree(bytes: Buffer, name: string): Tree {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  if (typeof value !== 'object' || value === null || !('files' in value) || typeof value.files !== 'object')
    throw new StoreError('blob-damaged', `${name} is not a stored folder`);
  const tree = value as Tree;
  for (const path of Object.keys(tree.files))
    if (path.startsWith('/') || path.split('/').includes('..'))
      throw new StoreError('blob-damaged', `${name} names the file "${path}" outside its folder`);
  return tree;
}

/**
 * Fills a folder with the tree's files in one move: hard links where the file system allows it, else copies; read-only.
 * When another process made the folder meanwhile, that one stands.
 */
export async function fillFolder(
  tree: Tree,
  blobPath: (ref: BlobRef) => string,
  folder: string,
  temporaryDirectory: string,
): Promise<void> {
  const temporary = join(temporaryDirectory, `tree-${process.pid}-${randomUUID()}`);
  await mkdir(temporary, { recursive: true });
  try {
    for (const [name, ref] of Object.entries(tree.files)) {
      const target = join(temporary, name);
      await mkdir(dirname(target), { recursive: true });
      await linkOrCopy(blobPath(ref), target);
    }
    await mkdir(dirname(folder), { recursive: true });
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    const code = errorCode(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
    throw error;
  }
}

async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK' && code !== 'ENOTSUP') throw error;
    await copyFile(source, target);
    await chmod(target, 0o444);
  }
}
