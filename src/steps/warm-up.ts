/** The stage `warm-up`: SFT on demonstrations with executed code, so that a base model follows the prefixes, and a skew. */

import { z } from 'zod';
import { tree } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { Digest } from '../artifacts/types.ts';
import { templateOf } from '../config/defaults.ts';
import type { Trained, WarmUpInput } from '../protocol/activities.ts';
import type { Tokenizer } from '../sampler/types.ts';
import type { TrainOptions } from '../trainer/job.ts';
import { clearTraining } from '../trainer/training-folder.ts';
import { writeTrainingSet } from '../trainer/training-set.ts';
import { completeWarmUp } from './complete-demonstrations.ts';
import { type DemonstrationSetOptions, demonstrationSet } from './demonstration-set.ts';
import { requireSft } from './demonstrations.ts';
import { readConfig } from './read-config.ts';
import { type TrainerDeps, trainCheckpoint } from './run-training.ts';
import type { StepContext } from './step-context.ts';
import { countsSchema } from './step-facts.ts';
import { sftOptions, skewOptions } from './train-options.ts';
import { trainedOf, trainingUpdates } from './training-metrics.ts';

const warmUpStep = defineStep({
  stage: 'warm-up',
  version: 2,
  inputs: z.object({
    checkpoint: digestSchema,
    /** Blob of the completed demonstrations. */
    demonstrations: digestSchema,
  }),
  outputs: { checkpoint: tree(), updates: trainingUpdates() },
  facts: z.object({ metrics: countsSchema, sequences: z.number() }),
});

export interface WarmUpDeps extends TrainerDeps {
  readonly readTokenizer: (modelDirectory: string) => Promise<Tokenizer>;
}

export async function warmUp(deps: WarmUpDeps, input: WarmUpInput, context: StepContext): Promise<Trained> {
  const { store } = deps;
  const config = await readConfig(store, input.config);
  const settings = requireSft(config);
  const template = templateOf(config);
  const { completed, counts } = await completeWarmUp(deps, config, input, context);
  const { skewTo } = settings;
  const fluent = await train(input.base, sftOptions(config, settings), { learnsPrefixes: true });
  const trained =
    skewTo === undefined
      ? fluent
      : await train(fluent.checkpoint, skewOptions(config, settings), { learnsPrefixes: false, codeTarget: skewTo });
  return { ...trained, counts: { ...counts, ...trained.counts } };

  /** The step's key depends on demonstrations, options and checkpoint: campaigns that share them share the warm start. */
  async function train(
    checkpoint: Digest,
    options: TrainOptions,
    form: Pick<DemonstrationSetOptions, 'learnsPrefixes' | 'codeTarget'>,
  ): Promise<Trained> {
    const { iteration = 0 } = input;
    const run = { campaign: config.name, iteration, stage: form.learnsPrefixes ? 'warm-up' : 'skew' } as const;
    const at = {
      inputs: { checkpoint, demonstrations: completed.digest },
      config: { options, form, template },
      seed: `${options.seed}`,
    };
    const done = await warmUpStep.run(store, at, async (step) => {
      const tokenizer = await deps.readTokenizer(await store.materialiseTree(checkpoint));
      const set = await demonstrationSet(await completed.read(), { ...form, template, tokenizer });
      const placeTrainingSet = (path: string): Promise<void> => writeTrainingSet(path, set);
      const { saveEveryMinutes } = config.train;
      const job = { step: step.key, checkpoint, placeTrainingSet, options, saveEveryMinutes, run };
      const { metrics, information, ...trained } = await trainCheckpoint(deps, job, context);
      return { outputs: trained, facts: { metrics, sequences: set.sequences.length }, information };
    });
    await clearTraining(deps.scratch, done.key);
    return trainedOf(done);
  }
}
