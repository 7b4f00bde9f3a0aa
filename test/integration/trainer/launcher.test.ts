/** Whole processes: how a run ends as seen by its parent, and that equal jobs give equal bytes. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import type { TrainerJob, TrainOptions } from '../../../src/trainer/job.ts';
import { runTrainer } from '../../../src/trainer/launcher.ts';
import { encodeTrainingSet } from '../../../src/trainer/training-set.ts';
import type { TrainerEvent, TrainerOutcome } from '../../../src/trainer/types.ts';

const { python } = readEnvironment();
const PATIENCE_MS = 120_000;

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

const OPTIONS: TrainOptions = {
  objective: 'cross-entropy',
  decisionWeight: 1,
  clip: 0.2,
  temperature: 1,
  epochs: 2,
  batchTokens: 200,
  microBatchTokens: 100,
  optimizer: {
    name: 'muon',
    learningRate: 1e-3,
    muonLearningRate: 0.006,
    weightDecay: 0,
    schedule: 'cosine',
    warmupSteps: 2,
    maxGradNorm: 1,
  },
  precision: 'fp32',
  gradientCheckpointing: false,
  threads: 1,
  seed: 3,
};

const SET = encodeTrainingSet({
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

/** Process id of our child that has this argument. */
function childWith(argument: string): number {
  const children = execFileSync('ps', ['--ppid', `${process.pid}`, '-o', 'pid=,args='], { encoding: 'utf8' });
  const line = children.split('\n').find((child) => child.includes(argument));
  return Number.parseInt(line ?? '', 10);
}

describe('runTrainer', () => {
  let root: string;
  let counter = 0;

  const run = async (
    job: TrainerJob,
    extra: { signal?: AbortSignal; onEvent?: (event: TrainerEvent) => void } = {},
  ) => {
    counter += 1;
    const workDirectory = join(root, `work-${counter}`);
    await mkdir(workDirectory);
    return runTrainer({ python, job, workDirectory, ...extra });
  };
  const trainJob = (name: string, options: Partial<TrainOptions> = {}): TrainerJob => ({
    kind: 'train',
    modelDirectory: join(root, 'model'),
    trainingSetFile: join(root, 'set.safetensors'),
    outputDirectory: join(root, name),
    device: 'cpu',
    options: { ...OPTIONS, ...options },
  });

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'whencode-trainer-'));
    await mkdir(join(root, 'tokenizer'));
    await writeFile(join(root, 'tokenizer', 'tokenizer.json'), '{"a tokenizer": true}');
    await writeFile(join(root, 'set.safetensors'), SET);
    const outcome = await run({
      kind: 'create-model',
      config: CONFIG,
      tokenizerDirectory: join(root, 'tokenizer'),
      outputDirectory: join(root, 'model'),
      seed: 7,
    });
    expect(outcome).toMatchObject({ kind: 'done' });
  }, PATIENCE_MS);

  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  it(
    'makes a Hugging Face folder, byte for byte the same from the same job',
    async () => {
      const events: TrainerEvent[] = [];
      const outcomes: TrainerOutcome[] = [
        await run(trainJob('one'), { onEvent: (event) => events.push(event) }),
        await run(trainJob('two')),
      ];
      expect(outcomes[0]).toMatchObject({ kind: 'done', updates: 4 });
      expect(outcomes[1]).toEqual(outcomes[0]);
      expect(events.map(({ kind }) => kind)).toEqual(['started', ...Array<string>(4).fill('update'), 'done']);
      expect((await readdir(join(root, 'one'))).sort()).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
      for (const file of await readdir(join(root, 'one')))
        expect(await readFile(join(root, 'two', file))).toEqual(await readFile(join(root, 'one', file)));
      expect(await readFile(join(root, 'one', 'model.safetensors'))).not.toEqual(
        await readFile(join(root, 'model', 'model.safetensors')),
      );
    },
    PATIENCE_MS,
  );

  it(
    'returns the refusal of a run whose log-probs are not those of the model, and writes nothing',
    async () => {
      const outcome = await run(trainJob('refused', { objective: 'policy-gradient', ratioTolerance: 0.02 }));
      expect(outcome).toMatchObject({ kind: 'refused', details: { tokens: 120, tolerance: 0.02 } });
      expect(outcome).toHaveProperty('reason', expect.stringContaining('importance ratios'));
      expect(existsSync(join(root, 'refused'))).toBe(false);
    },
    PATIENCE_MS,
  );

  it(
    'kills the trainer at once when the caller aborts',
    async () => {
      const controller = new AbortController();
      let abortedAtMs = 0;
      const outcome = await run(trainJob('aborted', { epochs: 100_000 }), {
        signal: controller.signal,
        onEvent: ({ kind }) => {
          if (kind !== 'update' || abortedAtMs > 0) return;
          abortedAtMs = performance.now();
          controller.abort();
        },
      });
      expect(outcome).toEqual({ kind: 'cancelled' });
      // The training itself takes hours.
      expect(performance.now() - abortedAtMs).toBeLessThan(60_000);
      expect((await readdir(root)).filter((name) => name.includes('aborted'))).toEqual([]);
    },
    PATIENCE_MS,
  );

  it.each([
    { name: 'killed', kills: 0, ending: { kind: 'killed', signal: 'SIGKILL' } },
    {
      name: 'starved',
      kills: 1,
      ending: { kind: 'failed', reason: expect.stringMatching(/out of memory.*microBatchTokens/) },
    },
  ])(
    'distinguishes a trainer that was $name from one that failed',
    async ({ name, kills, ending }) => {
      const work = join(root, `${name}-work`);
      await mkdir(work);
      let shots = 0;
      const outcome = await runTrainer({
        python,
        job: trainJob(name, { epochs: 100_000 }),
        workDirectory: work,
        memoryKills: async () => shots * kills,
        onEvent: ({ kind }) => {
          if (kind !== 'update' || shots > 0) return;
          shots += 1;
          process.kill(childWith(join(work, 'job.json')), 'SIGKILL');
        },
      });
      expect(outcome).toMatchObject(ending);
      expect(existsSync(join(root, name))).toBe(false);
    },
    PATIENCE_MS,
  );

  it('says what went wrong when there is no such interpreter', async () => {
    const outcome = await runTrainer({ python: join(root, 'python'), job: trainJob('none'), workDirectory: root });
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('could not be started') });
  });

  it(
    'exits by itself when its parent is gone',
    async () => {
      const job = join(root, 'orphan.json');
      await writeFile(job, JSON.stringify(trainJob('orphan', { epochs: 100_000 })));
      const child = spawn(python, ['-m', 'whencode_trainer', job], {
        cwd: join(import.meta.dirname, '../../../src/trainer/python'),
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      child.stdout.once('data', () => child.stdin.end());
      child.stdout.resume();
      expect(await ended).toBe(4);
      expect(existsSync(join(root, 'orphan'))).toBe(false);
    },
    PATIENCE_MS,
  );
});
