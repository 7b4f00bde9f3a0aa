/** Keeps the materialised trees of this machine below a size: those go first that were not asked for the longest time. */
import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../formats/error-code.ts';

/** What was asked for this recently may still be read: loading a model takes minutes. */
const IN_USE_MS = 3_600_000;

/** False where the folder does not exist. */
export async function markUsed(folder: string): Promise<boolean> {
  const now = new Date();
  return utimes(folder, now, now).then(
    () => true,
    () => false,
  );
}

/**
 * Removes trees until the rest takes at most this many bytes. A tree that was asked for in the last hour stays, so the
 * bound may be exceeded meanwhile.
 */
export async function removeLeastUsed(folder: string, limitBytes: number, inUseMs = IN_USE_MS): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const trees = await Promise.all(names.map((name) => measure(join(folder, name))));
  const oldestFirst = trees.flatMap((tree) => tree ?? []).sort((a, b) => a.usedMs - b.usedMs);
  let bytes = oldestFirst.reduce((sum, tree) => sum + tree.bytes, 0);
  for (const tree of oldestFirst) {
    if (bytes <= limitBytes || Date.now() - tree.usedMs < inUseMs) return;
    // Taken out of reach in one step: nobody finds half a tree.
    const aside = `${tree.path}.removed-${randomUUID()}`;
    await rename(tree.path, aside).catch((error: unknown) => {
      // Another process that shares the folder was first.
      if (errorCode(error) !== 'ENOENT') throw error;
    });
    await rm(aside, { recursive: true, force: true });
    bytes -= tree.bytes;
  }
}

interface MeasuredTree {
  readonly path: string;
  readonly usedMs: number;
  readonly bytes: number;
}

/** Undefined for what another process has removed meanwhile. */
async function measure(path: string): Promise<MeasuredTree | undefined> {
  try {
    const { mtimeMs: usedMs } = await stat(path);
    const files = await readdir(path, { recursive: true, withFileTypes: true });
    const sizes = await Promise.all(
      files.filter((file) => file.isFile()).map(async (file) => (await stat(join(file.parentPath, file.name))).size),
    );
    return { path, usedMs, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  } catch {
    return undefined;
  }
}
