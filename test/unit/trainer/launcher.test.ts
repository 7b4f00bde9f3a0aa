import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrainerJob } from '../../../src/trainer/job.ts';
import { firstProcess, type Launcher, runTrainer } from '../../../src/trainer/launcher.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launcher-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const job = (change: Partial<Extract<TrainerJob, { kind: 'create-model' }>> = {}): TrainerJob => ({
  kind: 'create-model',
  config: {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    vocab_size: 64,
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 1,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    rms_norm_eps: 1e-5,
    rope_theta: 1000,
    hidden_act: 'silu',
    tie_word_embeddings: true,
    max_position_embeddings: 64,
  },
  tokenizerDirectory: folder,
  outputDirectory: join(folder, 'output'),
  seed: 7,
  ...change,
});

/** A program in the trainer's place: it reports the world size that it was given as its number of parameters. */
const RANKS = `
const { kind } = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'));
console.log('not an event');
if (kind === 'create-model') console.log(JSON.stringify({ kind: 'created', parameters: Number(process.argv[2]) }));
`;

test('another launcher decides program and arguments; the outcome is read as ever', async () => {
  const seen: unknown[] = [];
  const ranks: Launcher = {
    command: (launch) => {
      seen.push(launch);
      return { file: process.execPath, args: ['-e', RANKS, launch.jobFile, '8'] };
    },
  };
  const outcome = await runTrainer({ python: 'python3', job: job(), launcher: ranks, workDirectory: folder });
  expect(outcome).toEqual({ kind: 'done', updates: 0, metrics: { parameters: 8 } });
  const jobFile = join(folder, 'job.json');
  expect(seen).toEqual([{ python: 'python3', jobFile, job: job() }]);
  expect(JSON.parse(await readFile(jobFile, 'utf8'))).toMatchObject({ kind: 'create-model', seed: 7 });
});

test('the single process runs the package by its name, without the settings of a user', () => {
  expect(firstProcess.command({ python: '/venv/bin/python', jobFile: '/work/job.json', job: job() })).toEqual({
    file: '/venv/bin/python',
    args: ['-E', '-s', '-m', 'whencode_trainer', '/work/job.json'],
  });
});

test('a job that breaks a rule is refused before anything starts, with the field', async () => {
  const outcome = await runTrainer({
    python: '/no/such/python',
    job: job({ seed: -1 }),
    workDirectory: folder,
  });
  expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/^the job can't be run: seed: /) });
});
