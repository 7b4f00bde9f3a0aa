/** Steps whose part may lose some of the work: a retry does that alone, and what was mended stays mended. */
import { stepKey } from '../artifacts/digest.ts';
import { runStep, type StepResult } from '../artifacts/step.ts';
import type { ArtifactStore, Manifest, StepInputs } from '../artifacts/types.ts';

/**
 * The step, and after it each retry as a step of its own that has the one before among its inputs. Returns the last; does
 * one more if that has losses (`failed.<arm>.<cause>` in its facts) and `retriesFailed`.
 */
export async function runRetriedStep(
  store: ArtifactStore,
  step: StepInputs,
  { cause, retriesFailed }: { readonly cause: string; readonly retriesFailed: boolean },
  compute: (earlier: Manifest | undefined) => Promise<StepResult>,
): Promise<Manifest> {
  const hasLosses = ({ facts }: Manifest): boolean =>
    Object.keys(facts).some((name) => name.startsWith('failed.') && name.endsWith(`.${cause}`));
  let manifest = await runStep(store, step, () => compute(undefined));
  while (hasLosses(manifest)) {
    const earlier = manifest;
    const again = { ...step, inputs: { ...step.inputs, earlier: earlier.key } };
    const done = await store.readManifest(stepKey(again));
    if (done === undefined && !retriesFailed) break;
    manifest = done ?? (await runStep(store, again, () => compute(earlier)));
    if (done === undefined) break;
  }
  return manifest;
}
