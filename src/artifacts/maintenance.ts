/** Care of a store: what is missing or damaged, and what may be deleted. */
import { rm } from 'node:fs/promises';
import type { Blobs } from './blobs.ts';
import { digestOfStream } from './digest.ts';
import { blobKey, isRetiredOf, manifestKey, RETIRED, retiredKey } from './keys.ts';
import { parseManifest } from './manifests.ts';
import type { ObjectStorage } from './object-storage.ts';
import { guard, StoreError } from './store-error.ts';
import { parseTree } from './tree.ts';
import type { BlobRef, Digest, Flaw, MaintenanceStore, Manifest } from './types.ts';

/**
 * The longest time from storing a blob to committing its step. A younger blob may belong to a step that is not
 * committed yet.
 */
const YOUNG_MS = 3_600_000;

export function createMaintenance(
  storage: ObjectStorage,
  blobs: Pick<Blobs, 'refOf' | 'readDamagedBlob'>,
  treeFolder: (digest: Digest) => string,
): MaintenanceStore {
  async function flawOf(output: string, ref: BlobRef, isDeep: boolean): Promise<Flaw | undefined> {
    const { digest } = ref;
    const found = await blobs.refOf(digest);
    if (found === undefined) return { output, digest, kind: 'missing' };
    const isWhole = found.bytes === ref.bytes && (!isDeep || (await digestOfBlob(digest)) === digest);
    return isWhole ? undefined : { output, digest, kind: 'damaged' };
  }

  async function digestOfBlob(digest: Digest): Promise<Digest | undefined> {
    const stream = await storage.stream(blobKey(digest));
    return stream === undefined ? undefined : digestOfStream(stream);
  }

  const findFlaws = (manifest: Pick<Manifest, 'outputs'>, isDeep: boolean): Promise<Flaw[]> =>
    guard('checking the outputs of a step', async () => {
      const flaws: Flaw[] = [];
      for (const [output, ref] of Object.entries(manifest.outputs)) {
        const flaw = await flawOf(output, ref, isDeep);
        if (flaw !== undefined) flaws.push(flaw);
        else if (output === 'checkpoint') {
          const tree = parseTree(await blobs.readDamagedBlob(ref.digest), `checkpoint ${ref.digest}`);
          for (const [file, inner] of Object.entries(tree.files)) {
            const lost = await flawOf(`${output}/${file}`, inner, isDeep);
            if (lost !== undefined) flaws.push(lost);
          }
        }
      }
      return flaws;
    });

  const setAside = (key: string): Promise<boolean> => storage.move(key, retiredKey(key));

  /** Freed bytes; 0 where the blob was stored again after that time and is younger than the longest commit. */
  async function collectBlob(digest: Digest, unlessStoredAfterMs: number): Promise<number> {
    const isYoung = (modifiedMs: number): boolean =>
      modifiedMs + storage.timeStepMs > unlessStoredAfterMs && Date.now() - modifiedMs < YOUNG_MS;
    const deleted = await storage.delete(blobKey(digest), ({ modifiedMs }) => !isYoung(modifiedMs));
    return deleted?.bytes ?? 0;
  }

  return {
    findFlaws,
    retireManifest: (key) =>
      guard(`retiring manifest ${key}`, async () => {
        const bytes = await storage.get(manifestKey(key));
        if (bytes === undefined) return false;
        const manifest = unlessTorn(bytes.toString('utf8'), key);
        for (const { digest, kind } of manifest === undefined ? [] : await findFlaws(manifest, true))
          if (kind === 'damaged') await setAside(blobKey(digest));
        await setAside(manifestKey(key));
        return true;
      }),
    readRetiredManifest: (key) =>
      guard(`reading the retired manifest ${key}`, async () => {
        let newest: string | undefined;
        // Ascending: their names begin with the time.
        for await (const name of storage.list(RETIRED)) if (isRetiredOf(name, manifestKey(key))) newest = name;
        const bytes = newest === undefined ? undefined : await storage.get(newest);
        return bytes === undefined ? undefined : unlessTorn(bytes.toString('utf8'), key);
      }),
    collectTree: (digest, { maker, keep }) =>
      guard(`collecting ${digest}`, async () => {
        const bytes = await storage.get(blobKey(digest));
        if (bytes === undefined) return 0;
        const committed = maker === undefined ? undefined : await storage.stat(manifestKey(maker));
        const committedMs = committed?.modifiedMs ?? Date.now();
        if (maker !== undefined) await setAside(manifestKey(maker));
        await rm(treeFolder(digest), { recursive: true, force: true });
        let freed = 0;
        for (const ref of Object.values(parseTree(bytes, digest).files))
          if (!keep.has(ref.digest)) freed += await collectBlob(ref.digest, committedMs);
        return freed + (await collectBlob(digest, committedMs));
      }),
  };
}

function unlessTorn(text: string, key: Digest): Manifest | undefined {
  try {
    return parseManifest(text, key);
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}
