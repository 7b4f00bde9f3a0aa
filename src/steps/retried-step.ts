import type { StepAt } from '../artifacts/define-step.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { type Counts, hasLosses } from '../protocol/counts.ts';

interface Lossy {
  readonly key: Digest;
  readonly facts: { readonly counts: Counts };
}

type At<Inputs> = Omit<StepAt<never>, 'inputs'> & { readonly inputs: Inputs };

interface Retriable<Step, Inputs, Work> {
  find(store: ArtifactStore, at: At<Inputs>): Promise<Step | undefined>;
  run(store: ArtifactStore, at: At<Inputs>, work: () => Promise<Work>): Promise<Step>;
}

/**
 * Runs the step and its retries. Each retry is a step of its own that has the previous one among its inputs. Finished
 * retries are reused. With `retriesFailed`, a last step with losses (`failed.<arm>.<cause>` in its facts) is retried once.
 *
 * @returns the last step
 */
export async function runRetriedStep<Step extends Lossy, Inputs extends object, Work>(
  store: ArtifactStore,
  definition: Retriable<Step, Inputs & { readonly earlier?: Digest }, Work>,
  at: At<Inputs>,
  { cause, retriesFailed }: { readonly cause: string; readonly retriesFailed: boolean },
  work: (earlier: Step | undefined) => Promise<Work>,
): Promise<Step> {
  let last = await definition.run(store, at, () => work(undefined));
  while (hasLosses(last.facts.counts, cause)) {
    const earlier = last;
    const again = { ...at, inputs: { ...at.inputs, earlier: earlier.key } };
    const done = await definition.find(store, again);
    if (done === undefined && !retriesFailed) break;
    last = done ?? (await definition.run(store, again, () => work(earlier)));
    if (done === undefined) break;
  }
  return last;
}
