/**
 * Trainings of several processes (on the CPU over gloo) follow that of one, and end as a whole. One model and one set;
 * the options use everything that is summed over the processes.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { readSafetensors, type TensorView, tensorValues, writeSafetensors } from '../../../src/formats/safetensors.ts';
import { REMAINDER_FILE } from '../../../src/models/remainder.ts';
import type { TrainerJob, TrainOptions } from '../../../src/trainer/job.ts';
import { runTrainer } from '../../../src/trainer/launcher.ts';
import { encodeTrainingSet } from '../../../src/trainer/training-set.ts';
import type { TrainerEvent, TrainerOutcome, TrainingUpdate } from '../../../src/trainer/types.ts';

const { python } = readEnvironment();
const UPDATES = 9;
const KILLED_AFTER = 2 + (process.pid % 5);
/** Sums over processes are rounded in another order. */
const LOSS_TOLERANCE = 1e-5;
const BF16_LOSS_TOLERANCE = 0.05;
/** Shards are cut into other blocks than the whole. */
const EIGHT_BIT_LOSS_TOLERANCE = 0.15;
/** A learning rate of 1e-3 moves a weight by up to 9e-3 in all. */
const WEIGHT_TOLERANCE = 2e-5;

const CONFIG = {
  model_type: 'qwen2',
  architectures: ['Qwen2ForCausalLM'],
  // Not divisible by the numbers of processes: the last has fewer rows.
  vocab_size: 65,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-5,
  rope_theta: 1000,
  hidden_act: 'silu',
  tie_word_embeddings: false,
  max_position_embeddings: 64,
};

const OPTIONS: TrainOptions = {
  objective: 'policy-gradient',
  decisionWeight: { share: 0.5, max: 2 },
  clip: 0.2,
  ratio: { mode: 'decoupled', objective: 'ppo', truncate: 2 },
  klWeight: 1,
  temperature: 1,
  epochs: 3,
  batchSize: 7,
  microBatchTokens: 60,
  optimizer: {
    name: 'adamw',
    learningRate: 1e-3,
    weightDecay: 0.01,
    schedule: 'cosine',
    warmupSteps: 2,
    maxGradNorm: 1,
  },
  precision: 'fp32',
  gradientCheckpointing: true,
  threads: 1,
  // Rollouts of no model: the probe runs, and lets everything pass.
  ratioTolerance: 1e6,
  seed: 3,
};

const NARROW: Partial<TrainOptions> = {
  precision: 'bf16',
  lora: { rank: 1, alpha: 2, targets: ['q_proj', 'down_proj'] },
};

const SET = encodeTrainingSet({
  prefixIds: [[5, 7], [6]],
  queries: Array.from({ length: 20 }, (_, at) => ({ promptIds: [1, at + 8, 3], target: [0.9, 0.1] as const })),
  sequences: Array.from({ length: 40 }, (_, at) => ({
    query: at >> 1,
    ids: [1, (at >> 1) + 8, 3, 5 + (at % 2), ...Array.from({ length: 2 + (at % 6) }, (_, n) => 30 + ((at + n) % 9)), 2],
    lossMask: [0, 0, 0, 0, ...Array.from({ length: 3 + (at % 6) }, () => 1 as const)],
    behaviourLogProbs: [0, 0, 0, 0, ...Array.from({ length: 3 + (at % 6) }, () => -4.2)],
    advantage: at % 2 === 0 ? 1 : -1,
  })),
});

interface Run {
  readonly outcome: TrainerOutcome;
  readonly events: readonly TrainerEvent[];
  readonly folder: string;
}

let root: string;
let one: Run;
let two: Run;

interface Changes {
  readonly options?: Partial<TrainOptions>;
  readonly resumeFrom?: string;
  readonly saveEverySeconds?: number;
  readonly model?: string;
  readonly onUpdate?: (update: number, jobFile: string) => void;
}

async function run(name: string, gpus: number, changes: Changes = {}): Promise<Run> {
  const folder = join(root, name);
  await mkdir(folder);
  const events: TrainerEvent[] = [];
  const job: TrainerJob = {
    kind: 'train',
    modelDirectory: join(root, changes.model ?? 'model'),
    trainingSetFile: join(root, 'set.safetensors'),
    outputDirectory: join(folder, 'checkpoint'),
    device: 'cpu',
    options: { ...OPTIONS, gpus, ...changes.options },
    save: { directory: folder, everySeconds: changes.saveEverySeconds ?? 0 },
    ...(changes.resumeFrom === undefined ? {} : { resumeFrom: changes.resumeFrom }),
  };
  const outcome = await runTrainer({
    python,
    job,
    workDirectory: folder,
    onEvent: (event) => {
      events.push(event);
      if (event.kind === 'update') changes.onUpdate?.(event.update, join(folder, 'job.json'));
    },
  });
  return { outcome, events, folder };
}

const fileOf = ({ folder }: Run, name: string): Promise<Buffer> => readFile(join(folder, 'checkpoint', name));
const weightsOf = (found: Run): Promise<Buffer> => fileOf(found, 'model.safetensors');

/** The name of the model with its weights cut to bf16. */
async function narrowModel(): Promise<string> {
  const folder = join(root, 'narrow-model');
  await cp(join(root, 'model'), folder, { recursive: true, force: true });
  const { tensors } = readSafetensors(await readFile(join(root, 'model', 'model.safetensors')));
  const narrow = [...tensors].map(([name, tensor]): [string, TensorView] => {
    const bits = new Uint32Array((tensorValues(tensor) as Float32Array).slice().buffer);
    const bytes = new Uint8Array(Uint16Array.from(bits, (word) => word >>> 16).buffer);
    return [name, { type: 'BF16', shape: tensor.shape, bytes }];
  });
  await writeFile(join(folder, 'model.safetensors'), writeSafetensors(new Map(narrow)));
  return 'narrow-model';
}

/** The weights of a published bf16 model, with the remainder and as a server reads them. */
async function exactWeights(found: Run): Promise<Map<string, { values: Float32Array; served: Float32Array }>> {
  const [served, rests] = [
    readSafetensors(await fileOf(found, 'model.safetensors')).tensors,
    readSafetensors(await fileOf(found, REMAINDER_FILE)).tensors,
  ];
  const weights = new Map<string, { values: Float32Array; served: Float32Array }>();
  for (const [name, { type, bytes }] of served) {
    expect(type).toBe('BF16');
    const high = Int32Array.from(new Int16Array(Uint8Array.from(bytes).buffer), (bits) => bits << 16);
    const rest = new Int16Array(Uint8Array.from(rests.get(name)?.bytes ?? []).buffer);
    const bits = high.map((word, at) => word + (rest[at] ?? Number.NaN));
    weights.set(name, { values: new Float32Array(bits.buffer), served: new Float32Array(high.buffer) });
  }
  return weights;
}

/** Of the two numbers that are furthest apart. */
const distance = (wanted: ArrayLike<number>, found: ArrayLike<number> | undefined): number =>
  Array.from(wanted).reduce(
    (most, value, at) => Math.max(most, Math.abs(value - (found?.[at] ?? Number.POSITIVE_INFINITY))),
    0,
  );

function seriesOf({ outcome, folder }: Run): readonly TrainingUpdate[] {
  if (outcome.kind !== 'done') throw new Error(`${folder}: ${JSON.stringify(outcome)}`);
  return outcome.series ?? [];
}

async function expectClose(found: Run, wanted: Run): Promise<void> {
  const [series, reference] = [seriesOf(found), seriesOf(wanted)];
  expect(series).toHaveLength(UPDATES);
  for (const [at, { metrics, ...counts }] of series.entries()) {
    const { metrics: others, ...sameCounts } = reference[at] as TrainingUpdate;
    expect(counts).toEqual(sameCounts);
    expect(Object.keys(metrics).sort()).toEqual(Object.keys(others).sort());
    for (const [name, value] of Object.entries(metrics)) {
      const scale = name === 'loss' || name.endsWith('_loss') ? 1 : 10 * Math.max(1, Math.abs(others[name] ?? 0));
      expect(Math.abs(value - (others[name] ?? Number.NaN)), `${name} of update ${at + 1}`).toBeLessThan(
        LOSS_TOLERANCE * scale,
      );
    }
  }
  const [weights, expected] = [await weightsOf(found), await weightsOf(wanted)].map((file) => readSafetensors(file));
  expect([...(weights?.tensors.keys() ?? [])]).toEqual([...(expected?.tensors.keys() ?? [])]);
  for (const [name, tensor] of expected?.tensors ?? []) {
    const other = weights?.tensors.get(name);
    const worst = distance(tensorValues(tensor), other && tensorValues(other));
    expect(worst, name).toBeLessThan(WEIGHT_TOLERANCE);
  }
}

/** Process id of a rank of the job. */
function rankOf(jobFile: string, rank: number): number {
  const processes = execFileSync('ps', ['-e', '-o', 'pid=,args='], { encoding: 'utf8', maxBuffer: 2 ** 24 });
  const line = processes.split('\n').find((process) => process.includes(`${jobFile} ${rank} `));
  return Number.parseInt(line ?? '', 10);
}

const stateOf = async ({ folder }: Run): Promise<string> => {
  const [state = 'no state', ...others] = (await readdir(folder)).filter((name) => name.startsWith('state-'));
  expect(others).toEqual([]);
  return join(folder, state);
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'whencode-ranks-'));
  await mkdir(join(root, 'tokenizer'));
  await writeFile(join(root, 'set.safetensors'), SET);
  await mkdir(join(root, 'creation'));
  const created = await runTrainer({
    python,
    workDirectory: join(root, 'creation'),
    job: {
      kind: 'create-model',
      config: { ...CONFIG, initializer_range: 0.2 },
      tokenizerDirectory: join(root, 'tokenizer'),
      outputDirectory: join(root, 'model'),
      seed: 7,
    },
  });
  expect(created).toMatchObject({ kind: 'done' });
  one = await run('one', 1);
  two = await run('two', 2);
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('two processes make the updates and the weights of one, and only one of them reports', async () => {
  await expectClose(two, one);
  const kinds = (events: readonly TrainerEvent[]) => events.map(({ kind }) => kind);
  expect(kinds(two.events)).toEqual(kinds(one.events));
  expect((await readdir(join(two.folder, 'checkpoint'))).sort()).toEqual(
    (await readdir(join(one.folder, 'checkpoint'))).sort(),
  );
});

test('four processes make them too, to the bit in every run', async () => {
  const [four, again] = [await run('four', 4), await run('four-again', 4)];
  await expectClose(four, one);
  expect(seriesOf(again)).toEqual(seriesOf(four));
  expect((await weightsOf(again)).equals(await weightsOf(four))).toBe(true);
});

test('a killed rank ends the training, which goes on from its last state to the same bits, or in another number of processes', async () => {
  const killed = await run('killed', 2, {
    onUpdate: (update, jobFile) => {
      if (update === KILLED_AFTER) process.kill(rankOf(jobFile, 1), 'SIGKILL');
    },
  });
  expect(killed.outcome).toMatchObject({ kind: 'killed', signal: 'SIGKILL' });
  expect(await readdir(killed.folder)).not.toContain('checkpoint');
  const state = await stateOf(killed);
  const resumed = await run('resumed', 2, { resumeFrom: state });
  const [start] = resumed.events.filter(({ kind }) => kind === 'resumed');
  expect(start).toMatchObject({ update: expect.any(Number) });
  expect((start as { update: number }).update).toBeGreaterThanOrEqual(KILLED_AFTER);
  expect(seriesOf(resumed)).toEqual(seriesOf(two));
  expect((await weightsOf(resumed)).equals(await weightsOf(two))).toBe(true);
  await expectClose(await run('alone', 1, { resumeFrom: state }), one);
});

test('states that are written while two processes go on are whole, and lead to the same bits', async () => {
  const saved = await run('beside', 2, { saveEverySeconds: 0.01 });
  expect((await weightsOf(saved)).equals(await weightsOf(two))).toBe(true);
  const resumed = await run('beside-resumed', 2, { resumeFrom: await stateOf(saved) });
  expect(resumed.events.filter(({ kind }) => kind === 'resumed')).toHaveLength(1);
  expect((await weightsOf(resumed)).equals(await weightsOf(two))).toBe(true);
});

test('two processes whose shards are in host memory make the updates of one', async () => {
  await expectClose(await run('offloaded', 2, { options: { offload: true } }), one);
});

test('moments in 8 bits learn in two processes as in one, and go on from a state to the same bits in as many processes', async () => {
  const options = { optimizer: { ...OPTIONS.optimizer, name: 'adamw-8bit' as const } };
  const [alone, both] = [await run('small', 1, { options }), await run('smalls', 2, { options })];
  const losses = (found: Run) => seriesOf(found).map(({ metrics }) => metrics.loss ?? Number.NaN);
  for (const [at, loss] of losses(both).entries())
    expect(Math.abs(loss - (losses(alone)[at] ?? Number.NaN)), `update ${at + 1}`).toBeLessThan(
      EIGHT_BIT_LOSS_TOLERANCE,
    );
  const state = await stateOf(both);
  const resumed = await run('smalls-resumed', 2, { options, resumeFrom: state });
  expect(resumed.events.filter(({ kind }) => kind === 'resumed')).toHaveLength(1);
  expect((await weightsOf(resumed)).equals(await weightsOf(both))).toBe(true);
  // Blocks end with a shard: another number of processes begins again.
  expect(readSafetensors(await readFile(state)).metadata.layout).toMatch(/-2$/);
});

test.each<[string, Partial<TrainOptions>]>([
  ['all weights', {}],
  ['adapters', { lora: { rank: 3, alpha: 8, targets: ['q_proj', 'down_proj'] } }],
])(
  'a bf16 model that two processes publish is that of one, in bf16 and in what bf16 leaves out: %s',
  async (name, options) => {
    const model = await narrowModel();
    const [alone, both] = [
      await run(`narrow-one-${name}`, 1, { model, options }),
      await run(`narrow-two-${name}`, 2, { model, options }),
    ];
    const [wanted, found] = [await exactWeights(alone), await exactWeights(both)];
    expect([...found.keys()]).toEqual([...wanted.keys()]);
    let rounded = 0;
    for (const [tensor, { values, served }] of wanted) {
      const others = found.get(tensor);
      expect(distance(values, others?.values), tensor).toBeLessThan(WEIGHT_TOLERANCE);
      rounded += served.filter((value, at) => value !== values[at]).length;
    }
    // What bf16 alone would lose.
    expect(rounded).toBeGreaterThan(1000);
  },
);

test('adapters learn in two processes where layers are gathered in bf16, one of which has no row of A', async () => {
  const [alone, both] = [await run('narrow', 1, { options: NARROW }), await run('narrows', 2, { options: NARROW })];
  const losses = (found: Run) => seriesOf(found).map(({ metrics }) => metrics.loss ?? Number.NaN);
  expect(losses(both)).toHaveLength(UPDATES);
  for (const [at, loss] of losses(both).entries())
    expect(Math.abs(loss - (losses(alone)[at] ?? Number.NaN)), `update ${at + 1}`).toBeLessThan(BF16_LOSS_TOLERANCE);
});

test('a rank that refuses or fails ends the training with its reason', async () => {
  // The probe explains itself by a pass in fp32, also of layers in bf16.
  const refused = await run('refused', 2, { options: { ...NARROW, ratioTolerance: 1e-9 } });
  expect(refused.outcome).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/importance ratios/) });
  const burst = await run('burst', 2, { options: { optimizer: { ...OPTIONS.optimizer, learningRate: 1e30 } } });
  expect(burst.outcome).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/nothing was written/) });
});
