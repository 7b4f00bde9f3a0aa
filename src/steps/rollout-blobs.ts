/** Rollouts as outputs of a step, and back. */
import { outputOf } from '../artifacts/step.ts';
import type { ArtifactStore, BlobRef, Digest, Manifest } from '../artifacts/types.ts';
import { readJsonLines } from '../formats/json-lines.ts';
import type { LossyStep } from '../protocol/activities.ts';
import { type Counts, lossCount, tally } from '../protocol/counts.ts';
import { readRolloutFiles, writeRolloutFiles } from '../rollout/file.ts';
import type { Rollout } from '../rollout/types.ts';
import type { Tokenizer } from '../sampler/types.ts';
import { StepFailure } from './step-failure.ts';

export async function storeRollouts(
  store: ArtifactStore,
  rollouts: readonly Rollout[],
  tokenizer: Tokenizer,
): Promise<Record<'summary' | 'tokens' | 'texts', BlobRef>> {
  const files = writeRolloutFiles(rollouts, tokenizer);
  return {
    summary: await store.putBlob(files.summary),
    tokens: await store.putBlob(files.tokens),
    texts: await store.putBlob(files.texts),
  };
}

export async function loadRollouts(store: ArtifactStore, manifest: Manifest): Promise<Rollout[]> {
  const read = (name: string): Promise<Buffer> => store.readBlob(outputOf(manifest, name).digest);
  return readRolloutFiles({
    summary: await read('summary'),
    tokens: await read('tokens'),
    texts: await read('texts'),
  });
}

export async function requireManifest(store: ArtifactStore, key: Digest): Promise<Manifest> {
  const manifest = await store.readManifest(key);
  if (manifest === undefined)
    throw new StepFailure(
      'store-unavailable',
      `step ${key} is not in the artifact store; is it the store that the campaign began in?`,
    );
  return manifest;
}

/** A step's output that is JSON lines. */
export async function readLines<T>(store: ArtifactStore, manifest: Manifest, output: string): Promise<T[]> {
  return readJsonLines<T>(await store.readBlob(outputOf(manifest, output).digest), `${output} of ${manifest.key}`);
}

/** Facts that are numbers, as a step's counts. */
export function countsOf(manifest: Manifest): Counts {
  const entries = Object.entries(manifest.facts).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return Object.fromEntries(entries);
}

// A cause goes through the history of a workflow for each shard.
const CAUSE_CHARACTERS = 300;

/** What the step's run cost and met, which differs from run to run: no part of the result. */
export function usageOf({ information }: Manifest): Counts {
  return (information.usage as Counts | undefined) ?? {};
}

/** What a workflow is told of a step whose part failed in places, and of what its run cost. */
export function lossyStepOf(manifest: Manifest): LossyStep {
  const { cause } = manifest.facts;
  return {
    manifest: manifest.key,
    counts: { ...countsOf(manifest), ...usageOf(manifest) },
    ...(typeof cause === 'string' ? { cause: cause.slice(0, CAUSE_CHARACTERS) } : {}),
  };
}

/** How the rollouts ended, per arm; `failed.<arm>.<cause>` for infrastructure. */
export function countRolloutEnds(rollouts: readonly Rollout[]): Counts {
  const names = rollouts.flatMap(({ state, arm, endReason = 'unknown' }) => [
    `${state}.${arm}`,
    ...(state === 'infrastructure' ? [lossCount(arm, endReason)] : []),
  ]);
  const newTokens = rollouts.reduce((sum, { modelMask }) => sum + modelMask.filter((bit) => bit === 1).length, 0);
  const allTokens = rollouts.reduce((sum, { modelMask }) => sum + modelMask.length, 0);
  return { rollouts: rollouts.length, newTokens, toolTokens: allTokens - newTokens, ...tally(names) };
}
