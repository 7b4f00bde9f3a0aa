/** The same training twice: byte for byte on equal threads, and how far apart on others, against the stated tolerance. */
import { cp, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOfFile } from '../../../src/artifacts/digest.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { readSafetensors, type TensorView, writeSafetensors } from '../../../src/formats/safetensors.ts';
import { readModelConfig } from '../../../src/models/model-config.ts';
import { REMAINDER_FILE } from '../../../src/models/remainder.ts';
import { compareCheckpoints, WEIGHTS_TOLERANCE } from '../../../src/replay/compare-checkpoints.ts';
import { loadWeights } from '../../../src/sampler/weights.ts';
import { runTrainer } from '../../../src/trainer/launcher.ts';
import { writeTrainingSet } from '../../../src/trainer/training-set.ts';
import { tinyModels } from '../../support/tiny-models.ts';

const { python } = readEnvironment();
const SEQUENCES = 32;
const promptOf = (index: number): number[] => [329, 10 + index, 40 + ((index * 7) % 200)];
const completionOf = (index: number): number[] =>
  Array.from({ length: 16 }, (_, at) => 12 + ((index * 31 + at * 17) % 280));

let root: string;
let model: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tolerance-'));
  model = join(await tinyModels(), 'llama-tied');
  const indices = Array.from({ length: SEQUENCES }, (_, index) => index);
  await writeTrainingSet(join(root, 'set.safetensors'), {
    prefixIds: [[5], [6]],
    queries: indices.map((index) => ({ promptIds: promptOf(index), target: [0.2, 0.8] as const })),
    sequences: indices.map((index) => ({
      query: index,
      ids: [...promptOf(index), ...completionOf(index)],
      lossMask: [0, 0, 0, ...completionOf(index).map(() => 1 as const)],
      behaviourLogProbs: [...promptOf(index), ...completionOf(index)].map(() => 0),
      advantage: 1,
    })),
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function train(name: string, threads: number, learningRate = 1e-3, modelDirectory = model) {
  const directory = join(root, name);
  const outcome = await runTrainer({
    python,
    workDirectory: root,
    job: {
      kind: 'train',
      modelDirectory,
      trainingSetFile: join(root, 'set.safetensors'),
      outputDirectory: directory,
      options: {
        objective: 'cross-entropy',
        decisionWeight: 1,
        clip: 0.2,
        temperature: 1,
        epochs: 2,
        batchSize: 8,
        microBatchTokens: 4096,
        optimizer: {
          name: 'adamw',
          learningRate,
          weightDecay: 0,
          schedule: 'constant',
          warmupSteps: 0,
          maxGradNorm: 1,
        },
        precision: 'fp32',
        gradientCheckpointing: false,
        threads,
        seed: 1,
      },
    },
  });
  expect(outcome.kind).toBe('done');
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const names = found
    .filter((file) => file.isFile())
    .map((file) => relative(directory, join(file.parentPath, file.name)));
  const digests = await Promise.all(names.map(async (file) => ({ digest: await digestOfFile(join(directory, file)) })));
  return {
    directory,
    files: Object.fromEntries(names.map((file, at) => [file, digests[at] ?? { digest: 'sha256:' as const }])),
  };
}

test('equal on equal threads, within the tolerance on others, outside it with another learning rate', async () => {
  const from = { directory: model };
  const stored = await train('stored', 1);
  expect(await compareCheckpoints({ stored, now: await train('again', 1), from })).toBeUndefined();
  const other = await compareCheckpoints({ stored, now: await train('two-threads', 2), from });
  // On some processors two threads add up as one does.
  if (other !== undefined) expect(other).toMatchObject({ largest: expect.any(Number), allowed: WEIGHTS_TOLERANCE });
  const faster = await compareCheckpoints({ stored, now: await train('faster', 1, 1.5e-3), from });
  expect(faster).toMatchObject({ output: 'checkpoint', item: 'file model.safetensors' });

  // A weight that was changed in the store is named, however little it was changed.
  const weights = join(stored.directory, 'model.safetensors');
  const now = { ...stored, directory: join(root, 'again') };
  const { size } = await stat(weights);
  const file = await open(weights, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, size - 4);
  await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, size - 4);
  await file.close();
  expect(await compareCheckpoints({ stored, now, from })).toMatchObject({
    item: 'file model.safetensors',
    field: expect.stringMatching(/\[\d+\]$/),
    isDamaged: true,
  });
  await truncate(weights, size - 100);
  expect(await compareCheckpoints({ stored, now, from })).toMatchObject({ field: 'header', isDamaged: true });
});

/** The model with weights that bf16 holds exactly, stored as fp32 and as bf16. */
async function writeRoundedModels(): Promise<{ readonly wide: string; readonly narrow: string }> {
  const folders = { wide: join(root, 'wide'), narrow: join(root, 'narrow') };
  const { tensors } = readSafetensors(await readFile(join(model, 'model.safetensors')));
  const [wide, narrow] = [new Map<string, TensorView>(), new Map<string, TensorView>()];
  for (const [name, { type, shape, bytes }] of tensors) {
    expect(type).toBe('F32');
    const high = Uint8Array.from(bytes).filter((_, at) => at % 4 >= 2);
    narrow.set(name, { type: 'BF16', shape, bytes: high });
    wide.set(name, { type: 'F32', shape, bytes: Uint8Array.from(bytes, (byte, at) => (at % 4 >= 2 ? byte : 0)) });
  }
  for (const [folder, weights] of [[folders.wide, wide] as const, [folders.narrow, narrow] as const]) {
    await cp(model, folder, { recursive: true });
    await writeFile(join(folder, 'model.safetensors'), writeSafetensors(weights));
  }
  return folders;
}

test('a training of a bf16 model has the weights of one in fp32, for replay and for the embedded sampler', async () => {
  const { wide, narrow } = await writeRoundedModels();
  const stored = await train('from-wide', 1, 1e-3, wide);
  const now = await train('from-narrow', 1, 1e-3, narrow);
  // It names the type.
  for (const { files } of [stored, now]) delete files['config.json'];
  expect(Object.keys(stored.files)).not.toContain(REMAINDER_FILE);
  expect(Object.keys(now.files)).toContain(REMAINDER_FILE);
  expect(await compareCheckpoints({ stored, now, from: { directory: narrow } })).toMatchObject({ largest: 0 });
  expect(await compareCheckpoints({ stored: now, now: stored, from: { directory: wide } })).toMatchObject({
    largest: 0,
  });
  const again = await train('from-narrow-again', 1, 1e-3, narrow);
  delete again.files['config.json'];
  expect(await compareCheckpoints({ stored: now, now: again, from: { directory: narrow } })).toBeUndefined();
  const faster = await train('from-narrow-faster', 1, 1.5e-3, narrow);
  delete faster.files['config.json'];
  expect(await compareCheckpoints({ stored: now, now: faster, from: { directory: narrow } })).toMatchObject({
    item: 'file model.safetensors',
    field: expect.stringMatching(/\[\d+\]$/),
  });

  const config = await readModelConfig(stored.directory);
  const [exact, joined] = await Promise.all(
    [stored, now].map(async ({ directory }) => Buffer.from((await loadWeights(directory, config, 'fp32')).buffer)),
  );
  expect(joined).toEqual(exact);
  await rm(join(now.directory, REMAINDER_FILE));
  expect(Buffer.from((await loadWeights(now.directory, config, 'fp32')).buffer)).not.toEqual(exact);
}, 120_000);
