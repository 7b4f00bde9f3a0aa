/**
 * The layout of an artifact store, the same in every storage:
 *
 *     format                      version of this layout
 *     blobs/ab/<hex>              immutable bytes, named by their digest
 *     manifests/ab/<hex>.json     one per step key; the first writer's is valid
 *     journals/<campaign>/<time>-<digest>.json
 *     retired/                    manifests of steps that are to be computed again, and damaged blobs
 *
 * A directory also holds `tmp/` (files being written) and, as the cache of this machine, `trees/<hex>/`.
 */
import { hexOf } from './digest.ts';
import type { Digest } from './types.ts';

export const FORMAT_KEY = 'format';
export const MANIFESTS = 'manifests/';
export const JOURNALS = 'journals/';
export const RETIRED = 'retired/';

export function blobKey(digest: Digest): string {
  const hex = hexOf(digest);
  return `blobs/${hex.slice(0, 2)}/${hex}`;
}

export function manifestKey(key: Digest): string {
  const hex = hexOf(key);
  return `${MANIFESTS}${hex.slice(0, 2)}/${hex}.json`;
}

/** The step key of a manifest's object key; undefined for other objects. */
export function stepKeyOf(key: string): Digest | undefined {
  const hex = /^manifests\/[0-9a-f]{2}\/([0-9a-f]{64})\.json$/.exec(key)?.[1];
  return hex === undefined ? undefined : `sha256:${hex}`;
}

/** The key under which an object that was set aside is kept. */
export const retiredKey = (key: string): string => `${RETIRED}${Date.now()}-${fileOf(key)}`;

/** Whether a key below `RETIRED` is that of an object that had the other key. */
export const isRetiredOf = (retired: string, key: string): boolean => retired.endsWith(`-${fileOf(key)}`);

const fileOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
