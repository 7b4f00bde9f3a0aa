/**
 * Sampler and trainer agree on log-probs: what ONNX Runtime samples, PyTorch finds with importance ratio 1. With other
 * weights or another temperature the trainer refuses before its first step.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { createOnnxSampler } from '../../../src/sampler/onnx-sampler.ts';
import type { Generation } from '../../../src/sampler/types.ts';
import type { TrainOptions } from '../../../src/trainer/job.ts';
import { runTrainer } from '../../../src/trainer/launcher.ts';
import { writeTrainingSet } from '../../../src/trainer/training-set.ts';
import type { TrainerEvent, TrainerOutcome } from '../../../src/trainer/types.ts';
import { tinyModels } from '../../support/tiny-models.ts';

const { python } = readEnvironment();
const TEMPERATURE = 0.8;
const ROLLOUTS = 48;
const NEW_TOKENS = 32;
const promptOf = (index: number): number[] => [329, 10 + index, 40 + ((index * 7) % 200)];

let models: string;
let root: string;
let generations: Generation[];

beforeAll(async () => {
  models = await tinyModels();
  root = await mkdtemp(join(tmpdir(), 'ratio-'));
  const sampler = await createOnnxSampler({ modelDirectory: join(models, 'llama-tied') });
  generations = await sampler.generate(
    Array.from({ length: ROLLOUTS }, (_, index) => ({
      id: String(index),
      promptIds: promptOf(index),
      seed: `ratio/${index}`,
      maxNewTokens: NEW_TOKENS,
      temperature: TEMPERATURE,
      stopStrings: [],
    })),
  );
  await sampler.close();
  await writeTrainingSet(join(root, 'set.safetensors'), {
    prefixIds: [[5], [6]],
    queries: generations.map((_, query) => ({ promptIds: promptOf(query), target: [0.5, 0.5] as const })),
    sequences: generations.map(({ tokenIds, logProbs }, query) => ({
      query,
      ids: [...promptOf(query), ...tokenIds],
      lossMask: [0, 0, 0, ...tokenIds.map(() => 1 as const)],
      behaviourLogProbs: [0, 0, 0, ...logProbs],
      advantage: query % 2 === 0 ? 1 : -1,
    })),
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));

function optionsWith(over: Partial<TrainOptions>): TrainOptions {
  return {
    objective: 'policy-gradient',
    decisionWeight: 1,
    clip: 0.2,
    temperature: TEMPERATURE,
    epochs: 1,
    batchSize: 16,
    microBatchTokens: 4096,
    optimizer: {
      name: 'adamw',
      learningRate: 0,
      weightDecay: 0,
      schedule: 'constant',
      warmupSteps: 0,
      maxGradNorm: 1,
    },
    precision: 'fp32',
    gradientCheckpointing: false,
    threads: 1,
    ratioTolerance: 0.001,
    seed: 1,
    ...over,
  };
}

async function train(
  name: string,
  model: string,
  over: Partial<TrainOptions> = {},
  trainingSetFile = join(root, 'set.safetensors'),
): Promise<{ outcome: TrainerOutcome; events: TrainerEvent[] }> {
  const events: TrainerEvent[] = [];
  const options = optionsWith(over);
  const outcome = await runTrainer({
    python,
    workDirectory: root,
    job: {
      kind: 'train',
      modelDirectory: join(models, model),
      trainingSetFile,
      outputDirectory: join(root, name),
      options,
    },
    onEvent: (event) => events.push(event),
  });
  return { outcome, events };
}

test('with the weights that sampled, ρ is 1 within 1e-3 on at least 1,000 tokens, at every update of learning rate 0', async () => {
  const { outcome, events } = await train('same', 'llama-tied');
  const probe = events.find((event) => event.kind === 'probe');
  expect(probe?.tokens).toBeGreaterThanOrEqual(1000);
  expect(probe?.maxAbsDeviation).toBeLessThan(1e-3);
  for (const event of events) if (event.kind === 'update') expect(event.metrics.ratio_mean).toBeCloseTo(1, 4);
  expect(outcome).toMatchObject({ kind: 'done', updates: 3 });
});

test('another temperature or another checkpoint is refused before the first step, with the figures', async () => {
  const hot = await train('hot', 'llama-tied', { temperature: 1 });
  const foreign = await train('foreign', 'llama-linear-rope-biases');
  for (const { outcome, events } of [hot, foreign]) {
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/importance ratios are not 1/) });
    expect(events.some((event) => event.kind === 'update')).toBe(false);
  }
});

/** The set with every behaviour log-prob moved by as much, up and down in turn. */
async function setWithDeviation(name: string, distance: number): Promise<string> {
  const file = join(root, `${name}.safetensors`);
  await writeTrainingSet(file, {
    prefixIds: [[5], [6]],
    queries: generations.map((_, query) => ({ promptIds: promptOf(query), target: [0.5, 0.5] as const })),
    sequences: generations.map(({ tokenIds, logProbs }, query) => ({
      query,
      ids: [...promptOf(query), ...tokenIds],
      lossMask: [0, 0, 0, ...tokenIds.map(() => 1 as const)],
      behaviourLogProbs: [0, 0, 0, ...logProbs.map((p, at) => Math.min(0, at % 2 === 0 ? p - distance : p + distance))],
      advantage: query % 2 === 0 ? 1 : -1,
    })),
  });
  return file;
}

test('between the tolerance and 0.2 the trainer warns and goes on; beyond, it refuses', async () => {
  const near = await train('near', 'llama-tied', { ratioTolerance: 0.02 }, await setWithDeviation('near', 0.06));
  const probe = near.events.find((event) => event.kind === 'probe');
  expect(probe?.warning).toMatch(/the tolerance is 0.02; sampler and trainer round or compute differently/);
  expect(near.outcome).toMatchObject({ kind: 'done', updates: 3 });
  const far = await train('far', 'llama-tied', { ratioTolerance: 0.02 }, await setWithDeviation('far', 0.5));
  expect(far.outcome).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/other weights/) });
}, 120_000);

test('a probe job measures the same without training, and writes nothing', async () => {
  const { events } = await train('trained', 'llama-tied');
  const probe = async (model: string, over: Partial<TrainOptions> = {}) => {
    const found: TrainerEvent[] = [];
    const job = {
      kind: 'probe',
      modelDirectory: join(models, model),
      trainingSetFile: join(root, 'set.safetensors'),
      options: optionsWith(over),
    } as const;
    return {
      outcome: await runTrainer({ python, workDirectory: root, job, onEvent: (event) => found.push(event) }),
      found,
    };
  };
  const same = await probe('llama-tied');
  const inTraining = events.find((event) => event.kind === 'probe');
  expect(same.found.find((event) => event.kind === 'probe')).toEqual(inTraining);
  expect(same.outcome).toEqual({
    kind: 'done',
    updates: 0,
    metrics: { tokens: inTraining?.tokens, deviation: inTraining?.meanAbsDeviation },
  });
  for (const { outcome } of [await probe('llama-tied', { temperature: 1 }), await probe('llama-linear-rope-biases')])
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/importance ratios are not 1/) });
}, 120_000);

test.each(['llama-rope-added', 'llama-other-head', 'qwen2-rope-top-original', 'qwen3-rope-mscale', 'mistral'])(
  'sampler and trainer compute the same %s, through its export too',
  async (model) => {
    const lines = generations.map(({ tokenIds }, query) => ({
      id: `${query}`,
      promptIds: promptOf(query),
      continuationIds: tokenIds,
    }));
    const scoreWith = async (modelDirectory: string) => {
      const sampler = await createOnnxSampler({ modelDirectory });
      const scores = await sampler.score(lines);
      await sampler.close();
      return scores.map(({ logProbs }) => logProbs);
    };
    const logProbs = await scoreWith(join(models, model));
    const file = join(root, `set-${model}.safetensors`);
    await writeTrainingSet(file, {
      prefixIds: [[5], [6]],
      queries: lines.map(({ promptIds }) => ({ promptIds, target: [0.5, 0.5] as const })),
      sequences: lines.map(({ promptIds, continuationIds }, query) => ({
        query,
        ids: [...promptIds, ...continuationIds],
        lossMask: [0, 0, 0, ...continuationIds.map(() => 1 as const)],
        behaviourLogProbs: [0, 0, 0, ...(logProbs[query] ?? [])],
        advantage: query % 2 === 0 ? 1 : -1,
      })),
    });
    const { outcome, events } = await train(`same-${model}`, model, { temperature: 1 }, file);
    const probe = events.find((event) => event.kind === 'probe');
    expect(probe?.maxAbsDeviation).toBeLessThan(1e-3);
    expect(outcome).toMatchObject({ kind: 'done', updates: 3 });
    const exported = await scoreWith(join(root, `same-${model}`));
    const distance = exported.flat().map((value, at) => Math.abs(value - (logProbs.flat()[at] ?? 0)));
    expect(Math.max(...distance)).toBeLessThan(1e-5);
  },
  120_000,
);
