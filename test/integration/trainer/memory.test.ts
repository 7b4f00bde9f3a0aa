/** The formula of a training's memory against what the kernel measured of real trainings. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TrainingPlan, totalOf, trainingMemory } from '../../../src/capacity/training-memory.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { createRandom } from '../../../src/formats/random.ts';
import { parseModelConfig } from '../../../src/models/model-config.ts';
import type { TrainerJob } from '../../../src/trainer/job.ts';
import { type Launcher, runTrainer } from '../../../src/trainer/launcher.ts';
import { encodeTrainingSet } from '../../../src/trainer/training-set.ts';

const { python } = readEnvironment();
const PATIENCE_MS = 600_000;
const TOLERANCE = 0.15;

const MODEL = {
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
  max_position_embeddings: 512,
};
/** 29 M parameters, and passes whose activations take most of the memory. */
const LONG = {
  ...MODEL,
  vocab_size: 8192,
  hidden_size: 512,
  intermediate_size: 1536,
  num_hidden_layers: 8,
  num_attention_heads: 8,
};
/** Runs the trainer and leaves its largest resident set, in kB, in a file beside the job. */
const measuring: Launcher = {
  command: ({ python: file, jobFile }) => ({
    file,
    args: [
      '-E',
      '-s',
      '-c',
      `import resource, runpy, sys
sys.path.insert(0, "."); sys.argv = ["whencode_trainer", ${JSON.stringify(jobFile)}]
try:
    runpy.run_module("whencode_trainer", run_name="__main__")
finally:
    open(${JSON.stringify(`${jobFile}.peak`)}, "w").write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))`,
    ],
  }),
};

let root: string;
let count = 0;
const run = async (job: TrainerJob): Promise<number> => {
  count += 1;
  const workDirectory = join(root, `work-${count}`);
  await mkdir(workDirectory);
  const outcome = await runTrainer({ python, job, workDirectory, launcher: measuring });
  expect(outcome).toMatchObject({ kind: 'done' });
  return Number(await readFile(join(workDirectory, 'job.json.peak'), 'utf8')) * 1024;
};

/** The peak of two updates, each of one pass of solutions and one of decisions. */
async function measure(name: string, config: object, plan: TrainingPlan): Promise<number> {
  const modelDirectory = join(root, `model-${name}`);
  const tokenizerDirectory = join(root, 'tokenizer');
  await run({
    kind: 'create-model',
    config: { ...config },
    tokenizerDirectory,
    outputDirectory: modelDirectory,
    seed: 1,
  });
  const states = join(root, `states-${name}`);
  await mkdir(states);
  const trainingSetFile = join(root, `set-${name}.safetensors`);
  const random = createRandom(name);
  const length = 256;
  const perUpdate = plan.passTokens / length;
  // No two sequences have a beginning in common, so that a pass has as many rows as tokens.
  const sequences = Array.from({ length: 2 * perUpdate }, (_, query) => ({
    query,
    ids: Array.from({ length }, (_, at) => (at === 0 ? query : random.below(64))),
    lossMask: Array.from({ length }, (_, at) => (at === 0 ? 0 : 1)),
    behaviourLogProbs: Array.from({ length }, () => 0),
    advantage: 1,
  }));
  const queries = sequences.map(({ query }) => ({ promptIds: [query, 1, 2], target: [0.5, 0.5] as const }));
  await writeFile(trainingSetFile, encodeTrainingSet({ queries, sequences, prefixIds: [[5], [6]] }));
  return run({
    kind: 'train',
    modelDirectory,
    trainingSetFile,
    outputDirectory: join(root, `out-${name}`),
    device: 'cpu',
    save: { directory: states, everySeconds: 0 },
    options: {
      objective: 'cross-entropy',
      decisionWeight: 1,
      clip: 0.2,
      temperature: 1,
      epochs: 1,
      batchSize: perUpdate,
      microBatchTokens: plan.passTokens,
      optimizer: {
        name: 'adamw',
        learningRate: 1e-5,
        weightDecay: 0,
        schedule: 'constant',
        warmupSteps: 0,
        maxGradNorm: 1,
      },
      precision: plan.precision,
      gradientCheckpointing: plan.gradientCheckpointing,
      ...(plan.offload === undefined ? {} : { offload: plan.offload }),
      threads: 1,
      seed: 1,
    },
  });
}

const PLAN: TrainingPlan = {
  device: 'cpu',
  precision: 'fp32',
  processes: 1,
  passTokens: 2048,
  gradientCheckpointing: false,
  hasDecisions: true,
  correctedTokens: 0,
};

let runtime: number;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'memory-'));
  await mkdir(join(root, 'tokenizer'));
  await writeFile(join(root, 'tokenizer', 'tokenizer.json'), '{}');
  runtime = await measure('tiny', MODEL, { ...PLAN, passTokens: 512 });
}, PATIENCE_MS);
afterAll(() => rm(root, { recursive: true, force: true }));

/** 51 M parameters, of which half are the embedding. */
const WIDE = {
  ...LONG,
  vocab_size: 32_768,
  hidden_size: 768,
  intermediate_size: 2048,
  num_hidden_layers: 4,
  num_attention_heads: 12,
};
/** 47 M parameters; with checkpointing most of the memory is weights and inputs of layers. */
const DEEP = { ...LONG, num_hidden_layers: 14 };

it.each<[string, typeof LONG, Partial<TrainingPlan>]>([
  ['29 M parameters', LONG, {}],
  ['51 M parameters, half of them in the embedding', WIDE, {}],
  ['47 M parameters with gradient checkpointing', DEEP, { gradientCheckpointing: true }],
  [
    '47 M parameters with gradient checkpointing, passes of 4,096 tokens',
    DEEP,
    { gradientCheckpointing: true, passTokens: 4096 },
  ],
  ['29 M parameters with offload', LONG, { offload: true }],
])(
  'of a training is near the measured peak: %s',
  async (name, config, changes) => {
    const plan = { ...PLAN, ...changes };
    const peak = (await measure(name.replaceAll(/\W+/g, '-'), config, plan)) - runtime;
    const { runtime: _, ...parts } = trainingMemory(parseModelConfig({ ...config }, name), plan).host;
    const ratio = totalOf(parts) / peak;
    process.stdout.write(
      `${name}: formula ${Math.round(totalOf(parts) / 1e6)} MB, measured ${Math.round(peak / 1e6)} MB\n`,
    );
    expect(Math.abs(ratio - 1)).toBeLessThan(TOLERANCE);
  },
  PATIENCE_MS,
);
