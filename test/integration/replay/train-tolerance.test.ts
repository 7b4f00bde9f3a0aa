/** The same training twice: byte for byte on equal threads, and how far apart on others, against the stated tolerance. */
import { mkdtemp, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOfFile } from '../../../src/artifacts/digest.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { compareCheckpoints, WEIGHTS_TOLERANCE } from '../../../src/replay/compare-checkpoints.ts';
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

async function train(name: string, threads: number, learningRate = 1e-3) {
  const directory = join(root, name);
  const outcome = await runTrainer({
    python,
    workDirectory: root,
    job: {
      kind: 'train',
      modelDirectory: model,
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
  const names = await readdir(directory);
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
