/** The checkpoint that a campaign begins with: a folder, or the stage `create-model`. */

import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { tree } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import type { Digest } from '../artifacts/types.ts';
import { findPinned, modelInput } from '../config/pinned-inputs.ts';
import { openForeignFiles } from '../models/foreign-folder.ts';
import { ModelFolderError } from '../models/model-files.ts';
import { fetchHint, parseModelSource, TESTBED } from '../models/model-source.ts';
import type { ResolvedModel, ResolveModelInput } from '../protocol/activities.ts';
import { clearTraining } from '../trainer/training-folder.ts';
import { readConfig } from './read-config.ts';
import { createModel, type TrainerDeps } from './run-training.ts';
import type { StepContext } from './step-context.ts';
import { trainingFactsSchema } from './step-facts.ts';
import { StepFailure } from './step-failure.ts';

const createModelStep = defineStep({
  stage: 'create-model',
  version: 1,
  inputs: z.object({}),
  outputs: { checkpoint: tree() },
  facts: trainingFactsSchema,
});

export interface ModelDeps extends TrainerDeps {
  /** The tiny model that is trained from scratch: its config.json, and its tokenizer's files. */
  readonly testbedModel: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly writeTokenizer: (directory: string) => Promise<void>;
  };
}

/** @throws StepFailure `bad-input` for a folder that is no checkpoint */
export async function resolveModel(
  deps: ModelDeps,
  input: ResolveModelInput,
  context: StepContext,
): Promise<ResolvedModel> {
  const { store } = deps;
  const config = await readConfig(store, input.config);
  const { model, sft } = config;
  const pinned = findPinned(config, modelInput(model));
  if (pinned !== undefined) return { base: pinned };
  const source = parseModelSource(model);
  if (source.kind === 'hub') throw new StepFailure('bad-input', `model: ${fetchHint(source)}`);
  if (source.kind === 'testbed') return { base: await createTestbedModel(deps, sft?.seed ?? 0, context) };
  const folder = resolve(source.path);
  if ((await stat(join(folder, 'config.json')).catch(() => undefined)) === undefined)
    throw new StepFailure(
      'bad-input',
      `model ${folder} has no config.json; give a checkpoint folder in Hugging Face format, or "${TESTBED}"`,
    );
  try {
    return { base: (await store.putFiles(openForeignFiles(folder))).digest };
  } catch (error) {
    if (error instanceof ModelFolderError) throw new StepFailure('bad-input', `model ${folder}: ${error.message}`);
    throw error;
  }
}

async function createTestbedModel(deps: ModelDeps, seed: number, context: StepContext): Promise<Digest> {
  const { config, writeTokenizer } = deps.testbedModel;
  const at = { inputs: {}, config, seed: `${seed}` };
  const done = await createModelStep.run(deps.store, at, async ({ key }) => {
    const job = { step: key, config, seed, prepareTokenizer: writeTokenizer };
    const { checkpoint, metrics } = await createModel(deps, job, context);
    return { outputs: { checkpoint }, facts: { metrics } };
  });
  await clearTraining(deps.scratch, done.key);
  return done.outputs.checkpoint.digest;
}
