/** The model to begin with, and the M-step. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stepKey } from '../artifacts/digest.ts';
import { outputOf, runStep } from '../artifacts/step.ts';
import type { Digest } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { fetchHint, parseModelSource, TESTBED } from '../models/model-source.ts';
import type { ResolvedModel, ResolveModelInput, Trained, TrainInput } from '../protocol/activities.ts';
import { clearTraining } from '../trainer/training-folder.ts';
import { requireManifest } from './rollout-blobs.ts';
import { createModel, trainCheckpoint } from './run-training.ts';
import { readJson } from './shard-plan.ts';
import type { StepContext } from './step-context.ts';
import { StepFailure } from './step-failure.ts';
import { iterationOptions } from './train-options.ts';
import type { WarmUpDeps } from './warm-up.ts';

const CREATE_STAGE = { stage: 'create-model', version: 1 } as const;
const TRAIN_STAGE = { stage: 'train', version: 1 } as const;

export interface TrainDeps extends WarmUpDeps {
  /** The tiny model that is trained from scratch: its config.json, and its tokenizer's files. */
  readonly testbedModel: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly writeTokenizer: (directory: string) => Promise<void>;
  };
}

export async function resolveModel(
  deps: TrainDeps,
  input: ResolveModelInput,
  context: StepContext,
): Promise<ResolvedModel> {
  return { base: await baseOf(deps, await readJson<CampaignConfig>(deps.store, input.config), context) };
}

async function baseOf(
  deps: TrainDeps,
  { model, warmUp: settings }: CampaignConfig,
  context: StepContext,
): Promise<Digest> {
  const { store, testbedModel } = deps;
  const source = parseModelSource(model);
  if (source.kind === 'hub') throw new StepFailure('bad-input', `model: ${fetchHint(source)}`);
  if (source.kind === 'folder') {
    const folder = resolve(source.path);
    if ((await stat(join(folder, 'config.json')).catch(() => undefined)) === undefined)
      throw new StepFailure(
        'bad-input',
        `model ${folder} has no config.json; give a checkpoint folder in Hugging Face format, or "${TESTBED}"`,
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
export async function trainIteration(deps: TrainDeps, input: TrainInput, context: StepContext): Promise<Trained> {
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
