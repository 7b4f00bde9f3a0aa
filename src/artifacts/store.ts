/** The artifact store over any object storage. */
import { join } from 'node:path';
import { sweepTemporaryFiles } from '../formats/durable-file.ts';
import { createBlobs } from './blobs.ts';
import { hexOf } from './digest.ts';
import { createJournal } from './journal.ts';
import { FORMAT_KEY } from './keys.ts';
import { createMaintenance } from './maintenance.ts';
import { createManifests } from './manifests.ts';
import type { ObjectStorage } from './object-storage.ts';
import { guard, StoreError } from './store-error.ts';
import { createTrees, type TreeCache } from './tree.ts';
import type { ArtifactStore, StepObserver } from './types.ts';

const FORMAT = 1;

export interface StoreOptions {
  /** Folder of this machine for materialised trees; without `bytes` it grows without a bound. */
  readonly cache: { readonly folder: string; readonly bytes?: number };
  /** Called when `runStep` begins and ends a computation on this store object. */
  readonly observer?: StepObserver | undefined;
}

/**
 * Opens the store that the storage holds, or makes one in an empty storage.
 *
 * @throws StoreError `newer-format` when a newer version made it; nothing is changed then
 */
export async function createStore(storage: ObjectStorage, options: StoreOptions): Promise<ArtifactStore> {
  const cache: TreeCache = {
    folderOf: (digest) => join(options.cache.folder, 'trees', hexOf(digest)),
    temporary: join(options.cache.folder, 'tmp'),
    limitBytes: options.cache.bytes,
  };
  await guard(`opening the artifact store ${storage.location}`, async () => {
    await requireFormat(storage);
    await storage.sweep();
    await sweepTemporaryFiles(cache.temporary);
  });
  const { putFile, refOf, ...blobs } = createBlobs(storage, cache.temporary);
  return {
    observer: options.observer,
    ...blobs,
    ...createTrees(storage, { putFile, refOf, ...blobs }, cache),
    ...createManifests(storage, { refOf }),
    ...createMaintenance(storage, { refOf, ...blobs }, cache.folderOf),
    ...createJournal(storage),
  };
}

async function requireFormat(storage: ObjectStorage): Promise<void> {
  // The format is read before anything is written, so a store of another version stays unchanged.
  const found = await storage.get(FORMAT_KEY);
  if (found === undefined && (await storage.putIfAbsent(FORMAT_KEY, Buffer.from(`${FORMAT}\n`)))) return;
  const text = (found ?? (await storage.get(FORMAT_KEY)))?.toString('utf8').trim() ?? '';
  if (Number(text) === FORMAT) return;
  throw new StoreError(
    'newer-format',
    `the artifact store ${storage.location} has format ${text.slice(0, 20)}; this version reads ${FORMAT}. Use the version that made it, or another folder with --home`,
  );
}
