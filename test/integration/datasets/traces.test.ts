/** A warm-up on a file of traces, from the file to the checkpoint, with code that really runs. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandboxActivities } from '../../../activities/sandbox.ts';
import { createTrainActivities } from '../../../activities/train.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { Digest } from '../../../src/artifacts/types.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { batchRunner } from '../../../src/datasets/batch-program.ts';
import { exportTraces, TRACE_FORMS } from '../../../src/datasets/traces/export-traces.ts';
import { canonicalJson } from '../../../src/formats/canonical-json.ts';
import { writeJsonLines } from '../../../src/formats/json-lines.ts';
import type { Trained } from '../../../src/protocol/activities.ts';
import type { ExecutionResult, Sandbox } from '../../../src/sandbox/types.ts';
import { runTrainer } from '../../../src/trainer/launcher.ts';
import { tinyModelConfig } from '../../support/model-config.ts';
import { letterTokenizer } from '../../unit/rollout/letter-tokenizer.ts';

const { python } = readEnvironment();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'traces-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const PROGRAM = `
import contextlib, io, json, sys, traceback
def run(blocks):
    names = {'__name__': '__main__'}
    for block in blocks:
        out, failure = io.StringIO(), None
        try:
            with contextlib.redirect_stdout(out):
                exec(compile(block, '<block>', 'exec'), names)
        except BaseException as error:
            failure = traceback.format_exception_only(error)[-1].strip().splitlines()[-1]
    return [out.getvalue(), failure]
print(json.dumps([run(blocks) for blocks in json.load(sys.stdin)]))
`;

/** Runs the project's own code as it is, without protection. */
const sandbox: Sandbox = {
  limits: { cpuMs: 1, wallMs: 1, memoryBytes: 1, outputBytes: 1 },
  fingerprint: 'python',
  async run(requests) {
    const ran = promisify(execFile)(python, ['-I', '-S', '-c', PROGRAM], { maxBuffer: 1 << 26 });
    ran.child.stdin?.end(JSON.stringify(requests.map(({ previousBlocks, code }) => [...previousBlocks, code])));
    const outcomes = JSON.parse((await ran).stdout) as [stdout: string, exception: string | null][];
    return requests.map(({ id }, at): ExecutionResult => {
      const [stdout, exception] = outcomes[at] ?? ['', 'it did not run'];
      const end = exception === null ? { end: 'ok' as const } : { end: 'error' as const, exception };
      return { id, ...end, stdout, stderr: '', cpuMs: 1, memoryBytes: 1, queueMs: 0, cached: false };
    });
  },
  close: () => Promise.resolve(),
};

/** A model folder without weights: for a trainer that reads none. */
async function emptyModel(): Promise<string> {
  const model = join(folder, 'model');
  await mkdir(model, { recursive: true });
  await writeFile(join(model, 'config.json'), JSON.stringify(tinyModelConfig()));
  return model;
}

/** A small model with random weights whose vocabulary has every character of the traces. */
async function randomModel(): Promise<string> {
  const outputDirectory = join(folder, 'random-model');
  const workDirectory = join(folder, 'random-model-work');
  const tokenizerDirectory = join(folder, 'no-tokenizer');
  for (const path of [workDirectory, tokenizerDirectory]) await mkdir(path);
  const config = tinyModelConfig({ vocab_size: 256, num_key_value_heads: 2 });
  const job = { kind: 'create-model', config, tokenizerDirectory, outputDirectory, seed: 7 } as const;
  expect(await runTrainer({ python, job, workDirectory })).toMatchObject({ kind: 'done' });
  return outputDirectory;
}

interface Warming {
  /** Default: a trainer whose checkpoint is determined by what it is trained on. */
  readonly trainer?: typeof runTrainer;
  /** Folder; default: one without weights. */
  readonly model?: string;
}

/** The warm-up in a store of its own, and the training set that the trainer is given. */
async function warm(
  name: string,
  settings: object,
  { trainer, model: given }: Warming = {},
): Promise<Trained & { readonly trainingSet: string }> {
  const store = await openStore(join(folder, name, 'store'));
  const model = given ?? (await emptyModel());
  let trainingSet = '';
  const training = createTrainActivities({
    store,
    python,
    scratch: join(folder, name, 'scratch'),
    readTokenizer: async () => letterTokenizer,
    testbedModel: { config: {}, writeTokenizer: () => Promise.reject(new Error('the model is a folder')) },
    runTrainer: async (options) => {
      const { job } = options;
      if (job.kind !== 'train') throw new Error('nothing else is asked');
      const set = await readFile(job.trainingSetFile);
      trainingSet = createHash('sha256').update(set).digest('hex');
      if (trainer !== undefined) return trainer(options);
      await mkdir(job.outputDirectory, { recursive: true });
      await writeFile(join(job.outputDirectory, 'model.safetensors'), trainingSet + canonicalJson(job.options));
      return { kind: 'done', updates: 1, metrics: { loss: 1 } };
    },
  });
  const sandboxes = createSandboxActivities({ store, sandboxFor: async () => sandbox });
  const parsed = campaignSchema.parse({
    name: 'c',
    model,
    template: 'testbed',
    iterations: 0,
    problems: [{ from: 'gsm8k' }],
    sft: { batchTokens: 400, ...settings },
  });
  const { digest: config } = await store.putBlob(Buffer.from(canonicalJson(parsed)));
  const { digest: base } = await store.putTree(model);
  const patienceMs = 60_000;
  const run = <I, R>(activity: (input: I) => Promise<R>, input: I): Promise<R> =>
    new MockActivityEnvironment().run(activity, input) as Promise<R>;
  const prepared = await run(training.prepareWarmUp, { config, base });
  const executions: Digest[] = [];
  for (const batch of prepared.batches)
    executions.push((await run(sandboxes.executeBatch, { config, batch, patienceMs })).manifest);
  const trained = await run(training.warmUp, {
    config,
    base,
    demonstrations: prepared.manifest,
    executions,
    patienceMs,
  });
  return { ...trained, trainingSet };
}

async function write(name: string, rows: readonly object[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, writeJsonLines(rows));
  return path;
}

describe('a warm-up on a file', () => {
  it('gives the generator’s weights to the bit when PyTorch trains', async () => {
    const how = { trainer: runTrainer, model: await randomModel() };
    const problems = 40;
    const rows = await exportTraces('testbed', { count: problems, seed: 3, form: 'segments' }, batchRunner(sandbox));
    const file = await write('for-pytorch.jsonl', rows);
    const generated = await warm('generated-by-pytorch', { demonstrations: 'testbed', problems, seed: 3 }, how);
    const from = await warm('file-by-pytorch', { demonstrations: { file, keep: 'all' }, seed: 3 }, how);
    expect(from.checkpoint).toBe(generated.checkpoint);
    const other = await warm('fewer-by-pytorch', { demonstrations: { file }, seed: 3 }, how);
    expect(other.checkpoint).not.toBe(generated.checkpoint);
  }, 300_000);

  it.each(TRACE_FORMS)('of exported demonstrations, as %s, gives the checkpoint of the generator', async (form) => {
    const problems = 40;
    const generated = await warm(`generated-${form}`, { demonstrations: 'testbed', problems, seed: 3 });
    const rows = await exportTraces('testbed', { count: problems, seed: 3, form }, batchRunner(sandbox));
    const file = await write(`exported-${form}.jsonl`, rows);
    const from = await warm(`file-${form}`, { demonstrations: { file, keep: 'all' }, seed: 3 });
    expect(from.trainingSet).toBe(generated.trainingSet);
    expect(from.checkpoint).toBe(generated.checkpoint);
    expect(from.counts).toMatchObject({ 'traces.read': 80, 'traces.kept': 80, 'traces.cot': 40, 'traces.code': 40 });

    // The generator's broken habits are left out unless everything is kept.
    const right = await warm(`right-${form}`, { demonstrations: { file }, seed: 3 });
    const { 'traces.kept': kept = 0, 'traces.wrongAnswer': wrong = 0, 'traces.failedCode': failed = 0 } = right.counts;
    expect(kept + wrong + failed).toBe(80);
    expect(right.counts['traces.cot']).toBe(40);
    expect(wrong).toBeGreaterThan(0);
    expect(right.checkpoint).not.toBe(generated.checkpoint);
  });

  it('runs the blocks of a trace with the state of those before, and trains on the output that they have here', async () => {
    const code = (text: string) => ({ by: 'model', text });
    const tool = { by: 'tool', text: 'recorded elsewhere<|out|>' };
    const segments = [
      { by: 'prefix', text: '<|code|>' },
      code('x = 20<|run|>'),
      tool,
      code('<|code|>print(x + 1)<|run|>'),
      tool,
      code('\\boxed{21}'),
    ];
    const file = await write('state.jsonl', [{ problem: '20+1', answer: '21', segments }]);
    const { counts } = await warm('state', { demonstrations: { file } });
    expect(counts).toMatchObject({ 'traces.kept': 1, 'traces.failedCode': 0 });
    const failing = [code('<|code|>print(y)<|run|>'), tool, code('\\boxed{21}')];
    const both = await write('failing.jsonl', [
      { problem: '20+1', answer: '21', segments },
      { problem: '20+1', answer: '21', segments: failing },
      { problem: '20+1', answer: '22', segments },
      { problem: '20+1', answer: '21', segments: [code('so \\boxed{21}')] },
    ]);
    const more = await warm('failing', { demonstrations: { file: both } });
    expect(more.counts).toMatchObject({
      'traces.read': 4,
      'traces.kept': 2,
      'traces.failedCode': 1,
      'traces.wrongAnswer': 1,
      'traces.cot': 1,
      'traces.code': 1,
    });
  });

  it('that holds no trace, or whose traces are all wrong, is bad input', async () => {
    const wrong = [{ problem: '1+1', answer: '3', segments: [{ by: 'model', text: '\\boxed{2}' }] }];
    for (const [name, rows, message] of [
      ['no-list', [{ problem: 'p', answer: '1' }], 'line 1: has no list "messages" or "segments"'],
      ['wrong', wrong, 'no trace is left to learn from: 0 of 1 traces are learnt from; 1 with a wrong answer'],
    ] as const) {
      const file = await write(`${name}.jsonl`, rows);
      await expect(warm(name, { demonstrations: { file } })).rejects.toMatchObject({
        type: 'bad-input',
        message: expect.stringContaining(message),
      });
    }
  });
});
