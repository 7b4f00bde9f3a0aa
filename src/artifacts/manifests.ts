/** The results of steps: one manifest per step key, and the first writer's is valid. */
import { canonicalJson } from '../formats/canonical-json.ts';
import type { Blobs } from './blobs.ts';
import { stepKey } from './digest.ts';
import { MANIFESTS, manifestKey, stepKeyOf } from './keys.ts';
import type { ObjectStorage } from './object-storage.ts';
import { guard, StoreError } from './store-error.ts';
import type { Digest, Manifest, ManifestStore } from './types.ts';

export function createManifests(storage: ObjectStorage, { refOf }: Pick<Blobs, 'refOf'>): ManifestStore {
  const readManifest = (key: Digest): Promise<Manifest | undefined> =>
    guard(`reading manifest ${key}`, async () => {
      const bytes = await storage.get(manifestKey(key));
      return bytes === undefined ? undefined : parseManifest(bytes.toString('utf8'), key);
    });
  return {
    readManifest,
    commitManifest(result) {
      const key = stepKey(result.step);
      return guard(`committing manifest ${key}`, async () => {
        const mine: Manifest = { key, ...result };
        for (const [name, ref] of Object.entries(mine.outputs))
          if ((await refOf(ref.digest)) === undefined)
            throw new StoreError('blob-missing', `output "${name}" (blob ${ref.digest}) of a step is not in the store`);
        if (await storage.putIfAbsent(manifestKey(key), Buffer.from(canonicalJson(mine)))) return mine;
        const winner = await readManifest(key);
        if (winner === undefined) throw new StoreError('failed', `manifest ${key} vanished while it was committed`);
        return winner;
      });
    },
    async *listManifests(onDamaged) {
      for await (const name of storage.list(MANIFESTS)) {
        const key = stepKeyOf(name);
        if (key === undefined) continue;
        try {
          const manifest = await readManifest(key);
          if (manifest !== undefined) yield manifest;
        } catch (error) {
          if (onDamaged === undefined || !(error instanceof StoreError) || error.code !== 'manifest-damaged')
            throw error;
          onDamaged(key);
        }
      }
    },
  };
}

/** @throws StoreError `manifest-damaged` where the text is torn */
export function parseManifest(text: string, key: Digest): Manifest {
  try {
    return JSON.parse(text) as Manifest;
  } catch (error) {
    const message = `manifest ${key} is damaged; put it back, or let its step be computed again: \`whencode store forget ${key}\`, then retry`;
    throw new StoreError('manifest-damaged', message, error);
  }
}
