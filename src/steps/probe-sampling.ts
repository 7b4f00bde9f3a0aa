/**
 * The stage `probe`: the trainer recomputes the log-probs of the first shard's tokens. Wrong weights, another template or
 * another temperature are refused before the rest of the iteration is sampled.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import { buildProbeSet } from '../methods/training-set.ts';
import type { Probed, ProbeInput } from '../protocol/activities.ts';
import { clearTraining, inAttemptFolder } from '../trainer/training-folder.ts';
import { encodeTrainingSet } from '../trainer/training-set.ts';
import type { TrainerEvent } from '../trainer/types.ts';
import { readConfig } from './read-config.ts';
import { correctionOf, requireDone, type TrainerDeps } from './run-training.ts';
import { loadRollouts, sampleStep } from './sample.ts';
import { readGrades } from './settle.ts';
import type { StepContext } from './step-context.ts';
import { countsSchema } from './step-facts.ts';
import { StepFailure } from './step-failure.ts';
import { probeOptions } from './train-options.ts';

const probeStep = defineStep({
  stage: 'probe',
  version: 1,
  /** `rollouts` is the manifest of the shard's last turn. */
  inputs: z.object({ checkpoint: digestSchema, rollouts: digestSchema }),
  outputs: {},
  facts: countsSchema,
});

/** Of a pass of the probe, which holds no gradient, where the training's is `auto`. */
const PASS_TOKENS = 4096;

/** No counts for a method without importance ratios, and for a shard in which the model wrote nothing. */
export async function probeSampling(deps: TrainerDeps, input: ProbeInput, context: StepContext): Promise<Probed> {
  const { store, python, scratch } = deps;
  const { checkpoint } = input;
  const options = probeOptions(await readConfig(store, input.config), input.iteration);
  if (options?.ratioTolerance === undefined) return { counts: {} };
  const { temperature, precision, ratioTolerance } = options;
  const { rollouts } = (await readGrades(store, input.grades)).inputs;
  const set = buildProbeSet(await loadRollouts(store, await sampleStep.read(store, rollouts)));
  if (set.sequences.length === 0) return { counts: {} };
  const at = { inputs: { checkpoint, rollouts }, config: { temperature, precision, ratioTolerance } };
  const done = await probeStep.run(store, at, ({ key }) =>
    inAttemptFolder(scratch, key, async ({ path }) => {
      const trainingSetFile = join(path, 'rollouts.safetensors');
      await writeFile(trainingSetFile, encodeTrainingSet(set));
      const information: Record<string, unknown> = {};
      const onEvent = (event: TrainerEvent): void => {
        if (event.kind === 'started' || event.kind === 'probe') information[event.kind] = event;
      };
      const modelDirectory = await store.materialiseTree(checkpoint);
      const microBatchTokens = options.microBatchTokens === 'auto' ? PASS_TOKENS : options.microBatchTokens;
      const job = {
        kind: 'probe',
        modelDirectory,
        trainingSetFile,
        options: { ...options, microBatchTokens },
      } as const;
      const { signal, report } = context;
      const onWait = (): void => report({ done: 0, total: 1, unit: 'probes' });
      const purpose = `probe of iteration ${input.iteration}`;
      const outcome = await deps.runTrainer({ python, job, workDirectory: path, purpose, onEvent, onWait, signal });
      const { deviation } = requireDone(outcome).metrics;
      if (deviation === undefined) throw new StepFailure('trainer-failed', 'the trainer ended without a probe');
      return { outputs: {}, facts: { shard_deviation: deviation, probe_tolerance: ratioTolerance }, information };
    }),
  );
  await clearTraining(scratch, done.key);
  return { counts: { ...done.facts, ...correctionOf(options.ratio) } };
}
