/** Which storage a location names. */
import { fileURLToPath } from 'node:url';
import { createDirectoryStorage } from './directory-storage.ts';
import type { ObjectStorage } from './object-storage.ts';
import { createStore, type StoreOptions } from './store.ts';
import { StoreError } from './store-error.ts';
import type { ArtifactStore } from './types.ts';

export interface OpenOptions extends Pick<StoreOptions, 'observer'> {
  /** Folder of this machine for copies of trees, and the size that they may have together. Needed for a bucket. */
  readonly cache?: { readonly folder: string; readonly bytes: number } | undefined;
  /** URL of an S3 server other than AWS. */
  readonly endpoint?: string | undefined;
}

interface OpenedStorage {
  readonly storage: ObjectStorage;
  readonly cache: StoreOptions['cache'];
}

/** A kind of storage is a line here and a file of its own. */
const STORAGES: Readonly<Record<string, (location: string, options: OpenOptions) => Promise<OpenedStorage>>> = {
  file: async (location) => openDirectory(fileURLToPath(location)),
  s3: openBucket,
};

// A directory holds its own cache, so that trees are hard links to blobs of the same file system and need no bound.
const openDirectory = (directory: string): OpenedStorage => ({
  storage: createDirectoryStorage(directory),
  cache: { folder: directory },
});

async function openBucket(location: string, { endpoint, cache }: OpenOptions): Promise<OpenedStorage> {
  if (cache === undefined) throw new TypeError(`the store ${location} needs a folder of this machine for its cache`);
  // Loaded here: the commands that need no store start without the S3 client.
  const { openS3Storage } = await import('./s3-storage.ts');
  return { storage: await openS3Storage(location, { endpoint }), cache };
}

/**
 * Opens the artifact store at a location, or makes one there.
 *
 * @param location path of a folder, a `file:` URL, or `s3://BUCKET/PREFIX`
 * @throws StoreError `newer-format` when a newer version made the store, `failed` for an unknown kind of URL
 * @example const store = await openStore('/srv/whencode/store');
 */
export async function openStore(location: string, options: OpenOptions = {}): Promise<ArtifactStore> {
  const { storage, cache } = await openStorage(location, options);
  return createStore(storage, { cache, observer: options.observer });
}

/** Undefined for a path. */
const schemeOf = (location: string): string | undefined => /^([a-z][a-z0-9+.-]+):\/\//.exec(location)?.[1];

/** The folder of this machine that holds the store at a location; undefined for a bucket. */
export function storeFolder(location: string): string | undefined {
  const scheme = schemeOf(location);
  if (scheme === undefined) return location;
  return scheme === 'file' ? fileURLToPath(location) : undefined;
}

/** The objects under a store, for checks of the storage itself. @throws StoreError as `openStore` */
export async function openStorage(location: string, options: OpenOptions): Promise<OpenedStorage> {
  const scheme = schemeOf(location);
  if (scheme === undefined) return openDirectory(location);
  const open = STORAGES[scheme];
  if (open !== undefined) return open(location, options);
  const allowed = Object.keys(STORAGES).map((name) => `${name}://`);
  throw new StoreError(
    'failed',
    `the artifact store ${location}: allowed are the path of a folder and URLs with ${allowed.join(', ')}`,
  );
}
