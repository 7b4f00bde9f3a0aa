/** Verifies committed steps, and sets a step aside so that it is computed again. */
import type { ArtifactStore, Digest, Flaw } from '../artifacts/types.ts';
import { UseCaseError } from './use-case-error.ts';

export interface StoreFlaw extends Partial<Flaw> {
  readonly manifest: Digest;
  /** Absent when the manifest itself is damaged. */
  readonly stage?: string;
}

export interface StoreReport {
  readonly manifests: number;
  readonly flaws: readonly StoreFlaw[];
}

/** @param isDeep - Reads every byte; otherwise only presence and length are checked */
export async function checkStore(store: ArtifactStore, isDeep: boolean): Promise<StoreReport> {
  const flaws: StoreFlaw[] = [];
  let manifests = 0;
  for await (const manifest of store.listManifests((key) => flaws.push({ manifest: key, kind: 'damaged' }))) {
    manifests += 1;
    for (const flaw of await store.findFlaws(manifest, isDeep))
      flaws.push({ manifest: manifest.key, stage: manifest.step.stage, ...flaw });
  }
  return { manifests, flaws };
}

/** Sets a step aside, so that it is computed again when it is needed. @throws UseCaseError `not-found` */
export async function forgetStep(store: ArtifactStore, manifest: Digest): Promise<{ readonly manifest: Digest }> {
  if (await store.retireManifest(manifest)) return { manifest };
  throw new UseCaseError(
    'not-found',
    `there is no manifest ${manifest}; \`whencode store check\` lists what is not whole`,
  );
}
