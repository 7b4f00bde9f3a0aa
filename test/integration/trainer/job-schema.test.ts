/** The schemas of src/trainer/job.ts and the dataclasses of the PyTorch program describe one job file. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ZodObject, ZodType } from 'zod';
import { type CampaignConfig, campaignSchema } from '../../../src/config/campaign.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { METHOD_NAMES } from '../../../src/methods/methods.ts';
import { iterationOptions, sftOptions, skewOptions } from '../../../src/steps/train-options.ts';
import {
  createModelJobSchema,
  decisionWeightSchema,
  loraFields,
  optimizerFields,
  probeJobSchema,
  ratioFields,
  saveSchema,
  type TrainOptions,
  trainFields,
  trainJobSchema,
  trainOptionsSchema,
} from '../../../src/trainer/job.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'job-schema-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a program in the folder of the package; `value` is what it reads from the file that its argument names. */
async function inPython(program: string, value: unknown): Promise<unknown> {
  const file = join(folder, 'input.json');
  await writeFile(file, JSON.stringify(value));
  const directory = fileURLToPath(new URL('../../../src/trainer/python', import.meta.url));
  const { stdout } = await promisify(execFile)(readEnvironment().python, ['-B', '-c', program, file], {
    cwd: directory,
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout);
}

const DESCRIBE = `
import dataclasses, json
from whencode_trainer import job
print(json.dumps({kind.__name__: {field.name: field.default is None for field in dataclasses.fields(kind)}
                  for kind in (job.Options, job.Optimizer, job.DecisionWeight, job.Ratio, job.Reject, job.Lora, job.Save, job.TrainJob, job.ProbeJob, job.CreateModelJob)}))
`;

const VERDICTS = `
import json, sys
from whencode_trainer import job
from whencode_trainer.progress import Refusal
def verdict(options):
    try:
        job.read_options(options)
        return None
    except Refusal as refusal:
        return str(refusal)
print(json.dumps([verdict(options) for options in json.load(open(sys.argv[1]))]))
`;

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Whether a field may be absent, by its name in Python. */
const optionalFieldsOf = (schema: ZodObject): Record<string, boolean> =>
  Object.fromEntries(
    Object.entries(schema.shape).map(([name, field]) => [
      snake(name),
      (field as ZodType).safeParse(undefined).success || isOptional(field as ZodType),
    ]),
  );

const isOptional = (field: ZodType): boolean => field.type === 'optional';

test('fields have the same names and are optional in both', async () => {
  const python = (await inPython(DESCRIBE, null)) as Record<string, Record<string, boolean>>;
  expect(python.Options).toEqual(optionalFieldsOf(trainFields));
  expect(python.Optimizer).toEqual(optionalFieldsOf(optimizerFields));
  expect(python.Ratio).toEqual(optionalFieldsOf(ratioFields));
  expect(python.Lora).toEqual(optionalFieldsOf(loraFields));
  expect(python.Reject).toEqual(optionalFieldsOf(ratioFields.shape.reject.unwrap()));
  expect(python.DecisionWeight).toEqual(optionalFieldsOf(decisionWeightSchema.options[1]));
  expect(python.Save).toEqual(optionalFieldsOf(saveSchema));
  // Python adds the architecture, which the launcher takes from the model, and resolves the default of `device`.
  const { kind: _train, ...train } = optionalFieldsOf(trainJobSchema);
  expect(python.TrainJob).toEqual({ ...train, device: false, architecture: true });
  const { kind: _probe, ...probe } = optionalFieldsOf(probeJobSchema);
  expect(python.ProbeJob).toEqual({ ...probe, device: false, architecture: true });
  const { kind: _create, ...create } = optionalFieldsOf(createModelJobSchema);
  expect(python.CreateModelJob).toEqual({ ...create, architecture: false });
});

const OPTIONS: TrainOptions = {
  objective: 'policy-gradient',
  decisionWeight: 2,
  clip: 0.2,
  temperature: 1,
  epochs: 3,
  batchSize: 32,
  microBatchTokens: 4096,
  optimizer: {
    name: 'adamw',
    learningRate: 1e-6,
    weightDecay: 0,
    schedule: 'constant',
    warmupSteps: 0,
    maxGradNorm: 1,
  },
  precision: 'fp32',
  gradientCheckpointing: false,
  ratioTolerance: 0.02,
  seed: 0,
};

const RATIO = { mode: 'decoupled', objective: 'ppo' };

const LEFT_OUT = Symbol('left out');
const anyValue = fc.constantFrom<unknown>(
  LEFT_OUT,
  0,
  1,
  2,
  -1,
  0.5,
  1e-9,
  1.5,
  1e6,
  true,
  false,
  'auto',
  'adamw',
  'adamw-8bit',
  'muon',
  'cosine',
  'bf16',
  'cross-entropy',
  'preference',
  'decoupled',
  'clip-only',
  'sequence-mean',
  [0.2, 0.28],
  [0.5, 2],
  [1, 1],
  { share: 0.5, max: 2 },
  { share: 1, max: 2 },
  { geometricMean: [0.5, 2] },
  { geometricMean: [1, 2] },
  { rank: 8, alpha: 16, targets: ['q_proj', 'down_proj'] },
  { rank: 0, alpha: 16, targets: ['q_proj'] },
  { rank: 8, alpha: 16, targets: ['lm_head'] },
  '',
  '1',
  [],
  {},
);
const fieldNames = [...Object.keys(trainFields.shape), 'unknownField'];
const ratioNames = [...Object.keys(ratioFields.shape), 'unknownField'];
const optimizerNames = [...Object.keys(optimizerFields.shape), 'unknownField'];

/** The options with a few fields of theirs, of their ratio and of their optimizer, changed to anything. */
const changed = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...fieldNames), anyValue), { maxLength: 2 }),
    fc.array(fc.tuple(fc.constantFrom(...ratioNames), anyValue), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...optimizerNames), anyValue), { maxLength: 2 }),
  )
  .map(([fields, ratio, optimizer]) =>
    changedTo(
      { ...OPTIONS, ratio: changedTo(RATIO, ratio), optimizer: changedTo(OPTIONS.optimizer, optimizer) },
      fields,
    ),
  );

function changedTo(base: object, changes: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const result = Object.entries({ ...base, ...Object.fromEntries(changes) });
  return Object.fromEntries(result.filter(([, value]) => value !== LEFT_OUT));
}

test('any change of the options is valid in both or in neither', async () => {
  const samples = fc.sample(changed, { numRuns: 3000, seed: 1 });
  const refusals = (await inPython(VERDICTS, samples)) as (string | null)[];
  const verdicts = samples.map((options) => trainOptionsSchema.safeParse(options).success);
  const disagreed = samples.flatMap((options, at) =>
    verdicts[at] === (refusals[at] === null) ? [] : [{ options, python: refusals[at] }],
  );
  expect(disagreed).toEqual([]);
  // Both verdicts are reached often.
  expect(verdicts.filter((isRight) => isRight).length).toBeGreaterThan(100);
  expect(verdicts.filter((isRight) => !isRight).length).toBeGreaterThan(100);
});

test('what a campaign with any method, warm-up and optimizer trains with is a right job', async () => {
  const made = METHOD_NAMES.flatMap((method) =>
    (['adamw', 'adamw-8bit', 'muon'] as const).flatMap((name) => {
      const optimizer = name === 'muon' ? { name, muonLearningRate: 6e-3 } : { name };
      const sft = { demonstrations: 'testbed', problems: 8, batchTokens: 100, maxUpdates: 3, optimizer };
      const config: CampaignConfig = campaignSchema.parse({
        name: 'any',
        model: 'testbed',
        template: 'testbed',
        method,
        iterations: 1,
        problems: [{ from: 'testbed' }],
        sft,
        train: { optimizer, threads: 1, precision: 'fp32', klWeight: 1, targetKl: 0.1 },
      });
      const section = config.sft;
      if (section === undefined) throw new Error('it has a warm-up');
      return [iterationOptions(config, 1), sftOptions(config, section), skewOptions(config, section)];
    }),
  );
  for (const options of made) expect(trainOptionsSchema.parse(options)).toEqual(options);
  expect(await inPython(VERDICTS, made)).toEqual(made.map(() => null));
});
