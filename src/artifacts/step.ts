import { stepKey } from './digest.ts';
import { StoreError } from './store-error.ts';
import type { ArtifactStore, BlobRef, Manifest, StepInputs } from './types.ts';

export interface StepResult {
  readonly outputs: Readonly<Record<string, BlobRef>>;
  readonly facts: Readonly<Record<string, unknown>>;
  /** About the run, not the result: durations, device. */
  readonly information?: Readonly<Record<string, unknown>>;
}

/**
 * Does a step at most once. It looks up the key, runs `compute` only if there is no manifest, and returns the manifest
 * that was committed first. An error of `compute` is rethrown, and nothing is committed.
 */
export async function runStep(
  store: ArtifactStore,
  step: StepInputs,
  compute: () => Promise<StepResult>,
): Promise<Manifest> {
  const key = stepKey(step);
  const done = await store.readManifest(key);
  if (done !== undefined) return requireOutputs(store, done);
  const { observer } = store;
  const startedAt = Date.now();
  observer?.began(key, step.stage);
  try {
    const result = await compute();
    const manifest = await store.commitManifest({
      step,
      outputs: result.outputs,
      facts: result.facts,
      information: {
        startedAt: new Date(startedAt).toISOString(),
        wallMs: Date.now() - startedAt,
        ...result.information,
      },
    });
    observer?.ended(key, step.stage, 'committed');
    return manifest;
  } catch (error) {
    observer?.ended(key, step.stage, 'failed');
    throw error;
  }
}

/** @throws StoreError that names the missing output and the remedy */
async function requireOutputs(store: ArtifactStore, manifest: Manifest): Promise<Manifest> {
  const [flaw] = await store.findFlaws(manifest, false);
  if (flaw === undefined) return manifest;
  const { key, step } = manifest;
  throw new StoreError(
    `blob-${flaw.kind}`,
    `step ${step.stage} was done, but its output "${flaw.output}" (blob ${flaw.digest}) is ${flaw.kind}; put the file back, or let the step be computed again: \`whencode store forget ${key}\`, then retry`,
  );
}

/**
 * The named output of a step. @throws Error where the manifest has none, e.g. because another version of the stage
 * wrote it
 */
export function outputOf(manifest: Manifest, name: string): BlobRef {
  const ref = manifest.outputs[name];
  if (ref === undefined) {
    const names = Object.keys(manifest.outputs).join(', ');
    throw new Error(`step ${manifest.step.stage} (${manifest.key}) has no output "${name}"; it has: ${names}`);
  }
  return ref;
}
