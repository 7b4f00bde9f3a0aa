/** Which storage a location names. */
import { fileURLToPath } from 'node:url';
import { createDirectoryStorage } from './directory-storage.ts';
import type { ObjectStorage } from './object-storage.ts';
import { createStore, type StoreOptions } from './store.ts';
import { StoreError } from './store-error.ts';
import type { ArtifactStore } from './types.ts';

interface OpenedStorage {
  readonly storage: ObjectStorage;
  /** Where trees are materialised unless the caller names a folder. */
  readonly cache: string;
}

/** A kind of storage is a line here and a file of its own. */
const STORAGES: Readonly<Record<string, (location: string) => OpenedStorage>> = {
  file: (location) => openDirectory(fileURLToPath(location)),
};

// A directory holds its own cache, so that trees are hard links to blobs of the same file system.
const openDirectory = (directory: string): OpenedStorage => ({
  storage: createDirectoryStorage(directory),
  cache: directory,
});

/**
 * Opens the artifact store at a location, or makes one there.
 *
 * @param location path of a folder, or a `file:` URL
 * @throws StoreError `newer-format` when a newer version made the store, `failed` for an unknown kind of URL
 * @example const store = await openStore('/srv/whencode/store');
 */
export async function openStore(location: string, options: Partial<StoreOptions> = {}): Promise<ArtifactStore> {
  const { storage, cache } = storageAt(location);
  return createStore(storage, { cache, ...options });
}

function storageAt(location: string): OpenedStorage {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//.exec(location)?.[1];
  if (scheme === undefined) return openDirectory(location);
  const open = STORAGES[scheme];
  if (open !== undefined) return open(location);
  const allowed = Object.keys(STORAGES).map((name) => `${name}://`);
  throw new StoreError(
    'failed',
    `the artifact store ${location}: allowed are the path of a folder and URLs with ${allowed.join(', ')}`,
  );
}
