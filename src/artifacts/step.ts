import { stepKey } from './digest.ts';
import type { ArtifactStore, BlobRef, Manifest, StepInputs } from './types.ts';

export interface StepResult {
  readonly outputs: Readonly<Record<string, BlobRef>>;
  readonly facts: Readonly<Record<string, unknown>>;
  /** About the run, not the result: durations, device. */
  readonly information?: Readonly<Record<string, unknown>>;
}

/**
 * Does a step at most once: looks its key up, computes only where nobody has, and returns the first writer's manifest.
 * Whatever `compute` throws is passed on and nothing is committed.
 */
export async function runStep(
  store: ArtifactStore,
  step: StepInputs,
  compute: () => Promise<StepResult>,
): Promise<Manifest> {
  const done = await store.readManifest(stepKey(step));
  if (done !== undefined) return done;
  const startedAt = Date.now();
  const result = await compute();
  return store.commitManifest({
    step,
    outputs: result.outputs,
    facts: result.facts,
    information: {
      startedAt: new Date(startedAt).toISOString(),
      wallMs: Date.now() - startedAt,
      ...result.information,
    },
  });
}

/** The named output of a step. @throws when the manifest has none: it was made by another version of the stage. */
export function outputOf(manifest: Manifest, name: string): BlobRef {
  const ref = manifest.outputs[name];
  if (ref === undefined) {
    const names = Object.keys(manifest.outputs).join(', ');
    throw new Error(`step ${manifest.step.stage} (${manifest.key}) has no output "${name}"; it has: ${names}`);
  }
  return ref;
}
