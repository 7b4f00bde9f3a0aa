/** The stage `train` (M-step): from a training set to the next checkpoint. */

import { z } from 'zod';
import { tree } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { METHODS } from '../methods/methods.ts';
import type { Trained, TrainInput } from '../protocol/activities.ts';
import { clearTraining } from '../trainer/training-folder.ts';
import { curateStep } from './curate.ts';
import { readConfig } from './read-config.ts';
import { type TrainerDeps, trainCheckpoint } from './run-training.ts';
import type { StepContext } from './step-context.ts';
import { trainingFactsSchema } from './step-facts.ts';
import { StepFailure } from './step-failure.ts';
import { iterationOptions } from './train-options.ts';
import { trainedOf, trainingUpdates } from './training-metrics.ts';

export const trainStep = defineStep({
  stage: 'train',
  version: 2,
  inputs: z.object({ checkpoint: digestSchema, trainingSet: digestSchema, reference: digestSchema.exactOptional() }),
  outputs: { checkpoint: tree(), updates: trainingUpdates() },
  facts: trainingFactsSchema,
});

/** The trainer's probe refuses weights, a template or a temperature other than those that sampled the rollouts. */
export async function trainIteration(deps: TrainerDeps, input: TrainInput, context: StepContext): Promise<Trained> {
  const { store } = deps;
  const { checkpoint } = input;
  const config = await readConfig(store, input.config);
  const options = iterationOptions(config, input.iteration);
  const run = { campaign: config.name, iteration: input.iteration, stage: 'train' } as const;
  const { trainingSet } = (await curateStep.read(store, input.curation)).outputs;
  if (trainingSet === undefined)
    throw new StepFailure(
      'incomplete',
      `the curation ${input.curation} has no training set: no query carries a signal`,
    );
  const reference = referenceOf(config, input);
  const at = {
    inputs: { checkpoint, trainingSet: trainingSet.digest, ...(reference === undefined ? {} : { reference }) },
    config: options,
    seed: `${options.seed}`,
  };
  const done = await trainStep.run(store, at, async (step) => {
    const placeTrainingSet = (path: string): Promise<void> => store.fetchBlob(trainingSet.digest, path);
    const { saveEveryMinutes } = config.train;
    const job = { step: step.key, checkpoint, reference, placeTrainingSet, options, saveEveryMinutes, run };
    const { metrics, information, ...trained } = await trainCheckpoint(deps, job, context);
    return { outputs: trained, facts: { metrics }, information };
  });
  await clearTraining(deps.scratch, done.key);
  return trainedOf(done);
}

/** Methods without importance ratios have no anchor, and ignore the setting as they ignore its weight. */
function referenceOf({ train, method }: CampaignConfig, { start }: TrainInput): TrainInput['start'] {
  const hasAnchor = METHODS[method].objective(train).objective === 'policy-gradient';
  if (train.klReference === undefined || !hasAnchor) return undefined;
  if (start !== undefined) return start;
  throw new StepFailure(
    'bad-input',
    'train.klReference is start, and the start of this campaign is not noted (a campaign of an earlier version, or another training replayed); fork the campaign, or leave the setting out',
  );
}
