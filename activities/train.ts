/** The train queue's activities: the model to begin with, the warm-up, the M-step. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stepKey } from '../src/artifacts/digest.ts';
import { outputOf, runStep } from '../src/artifacts/step.ts';
import type { Digest } from '../src/artifacts/types.ts';
import type { CampaignConfig } from '../src/config/campaign.ts';
import type { TrainActivities, Trained, TrainInput } from '../src/protocol/activities.ts';
import { prepareWarmUpInput, resolveModelInput, trainInput, warmUpInput } from '../src/protocol/activity-inputs.ts';
import { requireManifest } from '../src/steps/rollout-blobs.ts';
import { readJson } from '../src/steps/shard-plan.ts';
import { iterationOptions } from '../src/steps/train-options.ts';
import { clearTraining } from '../src/trainer/training-folder.ts';
import { StepFailure } from './support/failure.ts';
import { runActivity, type StepContext } from './support/run-step.ts';
import { createModel, trainCheckpoint } from './support/run-training.ts';
import { prepareWarmUp, type WarmUpDeps, warmUp } from './warm-up.ts';

const CREATE_STAGE = { stage: 'create-model', version: 1 } as const;
const TRAIN_STAGE = { stage: 'train', version: 1 } as const;

export interface TrainDeps extends WarmUpDeps {
  /** The tiny model that is trained from scratch: its config.json, and its tokenizer's files. */
  readonly testbedModel: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly writeTokenizer: (directory: string) => Promise<void>;
  };
}

export function createTrainActivities(deps: TrainDeps): TrainActivities {
  const { store } = deps;
  return {
    resolveModel: runActivity(resolveModelInput, async ({ config }, context) => ({
      base: await resolveModel(deps, await readJson<CampaignConfig>(store, config), context),
    })),
    prepareWarmUp: runActivity(prepareWarmUpInput, (input) => prepareWarmUp(store, input)),
    warmUp: runActivity(warmUpInput, (input, context) => warmUp(deps, input, context)),
    trainIteration: runActivity(trainInput, (input, context) => trainIteration(deps, input, context)),
  };
}

async function resolveModel(
  deps: TrainDeps,
  { model, warmUp: settings }: CampaignConfig,
  context: StepContext,
): Promise<Digest> {
  const { store, testbedModel } = deps;
  if (model !== 'testbed') {
    const folder = resolve(model);
    if ((await stat(join(folder, 'config.json')).catch(() => undefined)) === undefined)
      throw new StepFailure(
        'bad-input',
        `model ${folder} has no config.json; give a checkpoint folder in Hugging Face format, or "testbed"`,
      );
    return (await store.putTree(folder)).digest;
  }
  const seed = settings?.seed ?? 0;
  const step = { ...CREATE_STAGE, inputs: {}, config: testbedModel.config, seed: `${seed}` };
  const manifest = await runStep(store, step, async () => {
    const { config, writeTokenizer } = testbedModel;
    const created = await createModel(
      deps,
      { step: stepKey(step), config, seed, prepareTokenizer: writeTokenizer },
      context,
    );
    return { outputs: { checkpoint: created.checkpoint }, facts: { metrics: created.metrics } };
  });
  await clearTraining(deps.scratch, manifest.key);
  return outputOf(manifest, 'checkpoint').digest;
}

/** The M-step. The trainer's probe refuses weights, template or temperature that did not sample the rollouts. */
async function trainIteration(deps: TrainDeps, input: TrainInput, context: StepContext): Promise<Trained> {
  const { store } = deps;
  const { checkpoint } = input;
  const options = iterationOptions(await readJson<CampaignConfig>(store, input.config), input.iteration);
  const trainingSet = outputOf(await requireManifest(store, input.curation), 'trainingSet').digest;
  const step = { ...TRAIN_STAGE, inputs: { checkpoint, trainingSet }, config: options, seed: `${options.seed}` };
  const manifest = await runStep(store, step, async () => {
    const set = await store.readBlob(trainingSet);
    const result = await trainCheckpoint(deps, { step: stepKey(step), checkpoint, trainingSet: set, options }, context);
    return {
      outputs: { checkpoint: result.checkpoint },
      facts: { metrics: result.metrics },
      information: result.information,
    };
  });
  await clearTraining(deps.scratch, manifest.key);
  const metrics = manifest.facts.metrics as Trained['metrics'];
  return { manifest: manifest.key, counts: metrics, metrics, checkpoint: outputOf(manifest, 'checkpoint').digest };
}
