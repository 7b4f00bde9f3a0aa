/** A training whose trainer is killed goes on in the next attempt, to the checkpoint of one that was left alone. */
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOfBytes } from '../../../src/artifacts/digest.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { Digest } from '../../../src/artifacts/types.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import {
  createModel,
  type TrainedCheckpoint,
  type TrainerDeps,
  trainCheckpoint,
} from '../../../src/steps/run-training.ts';
import type { TrainOptions } from '../../../src/trainer/job.ts';
import { type Launcher, runTrainer } from '../../../src/trainer/launcher.ts';
import { encodeTrainingSet } from '../../../src/trainer/training-set.ts';

const UPDATES = 100;
const OPTIONS: TrainOptions = {
  objective: 'cross-entropy',
  decisionWeight: 1,
  clip: 0.2,
  temperature: 1,
  epochs: 10,
  batchSize: 2,
  microBatchTokens: 100,
  optimizer: {
    name: 'muon',
    learningRate: 1e-3,
    muonLearningRate: 0.006,
    weightDecay: 0.01,
    schedule: 'cosine',
    warmupSteps: 2,
    maxGradNorm: 1,
  },
  precision: 'fp32',
  gradientCheckpointing: false,
  threads: 1,
  seed: 3,
};
const TRAINING_SET = encodeTrainingSet({
  prefixIds: [[5], [6]],
  queries: Array.from({ length: 20 }, (_, at) => ({ promptIds: [1, at + 8, 3], target: [0.9, 0.1] as const })),
  sequences: Array.from({ length: 40 }, (_, at) => ({
    query: at >> 1,
    ids: [1, (at >> 1) + 8, 3, 5 + (at % 2), 30 + (at % 9), 40 + (at % 7), 2],
    lossMask: [0, 0, 0, 0, 1, 1, 1] as const,
    behaviourLogProbs: [0, 0, 0, 0, -1, -2, -3],
    advantage: at % 2 === 0 ? 1 : -1,
  })),
});
const CONFIG = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  vocab_size: 64,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  rms_norm_eps: 1e-5,
  rope_theta: 1000,
  hidden_act: 'silu',
  tie_word_embeddings: true,
  max_position_embeddings: 64,
};

let root: string;
let deps: TrainerDeps;
let checkpoint: Digest;
let undisturbed: TrainedCheckpoint;

const step = (name: string): Digest => digestOfBytes(Buffer.from(name));

/** Interval and launcher of a training; by default every update waits for its state. */
interface Saving {
  readonly saveEveryMinutes?: number;
  readonly launcher?: Launcher;
}

/** `onUpdate` gets every update and may abort the trainer, which then dies as of any other kill. */
async function train(
  name: string,
  onUpdate: (update: number, kill: () => void) => void = () => undefined,
  { saveEveryMinutes = 0, launcher }: Saving = {},
) {
  const killing = new AbortController();
  const signal = new AbortController().signal;
  const reported: number[] = [];
  const killable: TrainerDeps = {
    ...deps,
    runTrainer: async (options) => {
      const outcome = await runTrainer({
        ...options,
        signal: killing.signal,
        ...(launcher === undefined ? {} : { launcher }),
      });
      return outcome.kind === 'cancelled' ? { kind: 'killed', signal: 'SIGKILL', logTail: '' } : outcome;
    },
  };
  const report = ({ done }: { done: number }): void => {
    reported.push(done);
    onUpdate(done, () => killing.abort());
  };
  const job = {
    step: step(name),
    checkpoint,
    placeTrainingSet: (path: string) => writeFile(path, TRAINING_SET),
    options: OPTIONS,
    saveEveryMinutes,
  };
  const trained = await trainCheckpoint(killable, job, { signal, report }).catch((error: unknown) => error);
  return { trained, reported };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'resume-'));
  const store = await openStore(join(root, 'store'));
  const { python } = readEnvironment();
  deps = { store, python, scratch: join(root, 'scratch'), runTrainer };
  const created = await createModel(
    deps,
    {
      step: step('model'),
      config: CONFIG,
      seed: 1,
      prepareTokenizer: async (folder) => void (await mkdir(folder)),
    },
    { signal: new AbortController().signal, report: () => undefined },
  );
  checkpoint = created.checkpoint.digest;
  undisturbed = (await train('undisturbed')).trained as TrainedCheckpoint;
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('killed twice, it ends with the checkpoint and metrics of the undisturbed', async () => {
  const first = await train('killed', (update, kill) => update >= 8 && kill());
  expect(first.trained).toMatchObject({ type: 'no-worker', message: expect.stringMatching(/ended by SIGKILL/) });
  const second = await train('killed', (update, kill) => update >= 19 && kill());
  // The saved state is at least as far as what was reported: it is written before.
  expect(second.reported[1]).toBeGreaterThanOrEqual(8);
  const { trained, reported } = await train('killed');
  expect(reported[1]).toBeGreaterThanOrEqual(19);
  expect(reported.at(-1)).toBe(UPDATES);
  const { checkpoint, metrics, updates } = undisturbed;
  expect(updates).toHaveLength(UPDATES);
  expect(trained).toMatchObject({ checkpoint, metrics, updates });
});

/** The trainer with a disk on which every piece of a file takes its time. */
const onSlowDisk: Launcher = {
  command: ({ python: file, jobFile }) => ({
    file,
    args: [
      '-E',
      '-s',
      '-c',
      `import runpy, sys, time
sys.path.insert(0, "."); sys.argv = ["whencode_trainer", ${JSON.stringify(jobFile)}]
from whencode_trainer import tensor_file
write = tensor_file._write
tensor_file._write = lambda *piece: (time.sleep(0.03), write(*piece))
runpy.run_module("whencode_trainer", run_name="__main__")`,
    ],
  }),
};

test('killed while a state is being written, it goes on from the one before', async () => {
  const training = join(deps.scratch, step('written').slice('sha256:'.length));
  const filesOf = (attempt: string): string[] => readdirSync(join(training, attempt));
  const saving = { saveEveryMinutes: 0.1 / 60, launcher: onSlowDisk };
  let whole = 0;
  const first = await train(
    'written',
    (update, kill) => {
      const files = update === 0 ? [] : filesOf('attempt-1');
      const [state] = files.filter((name) => /^state-\d+\.safetensors$/.test(name));
      if (state === undefined || !files.some((name) => name.endsWith('.partial'))) return;
      whole = Number(/\d+/.exec(state)?.[0]);
      kill();
    },
    saving,
  );
  expect(first.trained).toMatchObject({ type: 'no-worker' });
  // Updates were made while the state was being written.
  expect(first.reported.at(-1)).toBeGreaterThan(whole);
  const { trained, reported } = await train('written', undefined, saving);
  expect(reported[1]).toBeGreaterThanOrEqual(whole);
  expect(reported[1]).toBeLessThanOrEqual(first.reported.at(-1) ?? 0);
  const { checkpoint, metrics, updates } = undisturbed;
  expect(trained).toMatchObject({ checkpoint, metrics, updates });
});

test('two trainers at once on one step work in folders of their own and make the same checkpoint', async () => {
  const folders = async (): Promise<string[]> => readdir(join(deps.scratch, step('twice').slice('sha256:'.length)));
  let seen: string[] = [];
  const look = (update: number): void => {
    if (update === 10)
      void folders().then((names) => {
        if (names.length > seen.length) seen = names;
      });
  };
  const [left, right] = await Promise.all([train('twice', look), train('twice', look)]);
  expect(seen.sort()).toEqual(['attempt-1', 'attempt-2']);
  for (const { trained } of [left, right]) expect(trained).toMatchObject({ checkpoint: undisturbed.checkpoint });
});
