/** The artifact store of an installation. */
import { join } from 'node:path';
import { openStore } from '../artifacts/open-store.ts';
import type { ArtifactStore, StepObserver } from '../artifacts/types.ts';
import { storePath } from './paths.ts';

/** Where it is; see `Environment`. */
export interface StorePlace {
  readonly store: string | undefined;
  readonly storeCacheBytes: number;
  readonly s3Endpoint: string | undefined;
}

export const storeLocation = (home: string, place: Pick<StorePlace, 'store'>): string => place.store ?? storePath(home);

/** Folder and size of the trees of a bucket that this machine keeps. */
export const storeCache = (home: string, { storeCacheBytes: bytes }: StorePlace) => ({
  folder: join(home, 'cache'),
  bytes,
});

/** Opens the store where the environment names it, else in the home folder. @throws StoreError as `openStore` */
export const openHomeStore = (home: string, place: StorePlace, observer?: StepObserver): Promise<ArtifactStore> =>
  openStore(storeLocation(home, place), { cache: storeCache(home, place), endpoint: place.s3Endpoint, observer });
