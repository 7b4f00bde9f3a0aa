/** What a training measured: every update in a series, and means of its last epoch. */
import { jsonLines, optional } from '../artifacts/codecs.ts';
import type { StepOutput } from '../artifacts/define-step.ts';
import type { Digest } from '../artifacts/types.ts';
import type { Trained } from '../protocol/activities.ts';
import type { Counts } from '../protocol/counts.ts';
import { spansAllEpochs, weightOf } from '../scoring/learning-metrics.ts';
import type { TrainingUpdate } from '../trainer/types.ts';

/** The output `updates` of a step that trains. Trainings of earlier versions don't have it. */
export const trainingUpdates = () => optional(jsonLines<TrainingUpdate>());

interface TrainedStep {
  readonly key: Digest;
  readonly facts: { readonly metrics: Counts };
  readonly outputs: {
    readonly checkpoint: { readonly digest: Digest };
    readonly updates: StepOutput<TrainingUpdate[]> | undefined;
  };
}

/** The summary of a training that a workflow receives. */
export async function trainedOf(step: TrainedStep): Promise<Trained> {
  const metrics = await trainingMetricsOf(step);
  return { manifest: step.key, counts: metrics, metrics, checkpoint: step.outputs.checkpoint.digest };
}

/** Means over the last epoch (of some metrics: over all); the last update's metrics if no series is stored. */
export async function trainingMetricsOf({ facts, outputs }: Pick<TrainedStep, 'facts' | 'outputs'>): Promise<Counts> {
  const updates = await outputs.updates?.read();
  // What the probe found is no metric of an update.
  return { ...facts.metrics, ...meansOfLastEpoch(updates ?? []) };
}

/**
 * Each metric is weighted by the number of items that it is a mean over, so that a small update counts less: tokens,
 * decisions, or updates (loss, gradient norm).
 */
export function meansOfLastEpoch(updates: readonly TrainingUpdate[]): Counts {
  const last = updates.filter(({ epoch }) => epoch === updates.at(-1)?.epoch);
  const names = [...new Set(updates.flatMap(({ metrics }) => Object.keys(metrics)))];
  return Object.fromEntries(
    names.flatMap((name): [string, number][] => {
      let [sum, weights] = [0, 0];
      for (const update of spansAllEpochs(name) ? updates : last) {
        const value = update.metrics[name];
        if (value === undefined) continue;
        const weight = weightOf(name, update);
        sum += weight * value;
        weights += weight;
      }
      return weights === 0 ? [] : [[name, sum / weights]];
    }),
  );
}
