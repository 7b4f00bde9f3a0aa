/**
 * The campaign file: one zod schema is the validation, the published JSON schema and the table of defaults.
 * Every field's description says unit and consequence; the documentation is generated from it.
 */
import { z } from 'zod';
import { HARDWARE_NAMES } from '../capacity/hardware.ts';
import { gradingSchema } from '../grader/options.ts';
import { METHOD_NAMES, METHODS } from '../methods/methods.ts';
import { probabilityBetter } from '../methods/posterior.ts';
import { TRUNCATION_RULES, VIOLATION_RULES, VOID_TURN_RULES } from '../methods/scored-rollout.ts';
import { parseModelSource, TESTBED } from '../models/model-source.ts';
import { findTemplateFaults } from '../rollout/check-template.ts';
import { TEMPLATE_NAMES, TEMPLATES } from '../rollout/template.ts';
import { LEAST_LIMITS } from '../sandbox/limits.ts';
import {
  faultsOfRatio,
  MUON_IS_NOT_FOR_LORA,
  MUON_NEEDS_ONE_GPU,
  OFFLOAD_IS_NOT_FOR_LORA,
  OFFLOAD_IS_NOT_FOR_MUON,
} from '../trainer/job.ts';
import { count, fraction, positive } from './numbers.ts';
import { pinnedSchema } from './pinned-inputs.ts';
import { templateSchema } from './template-schema.ts';
import { TRACKER_NAMES } from './tracker-names.ts';
import { sftSchema, trainSchema } from './training-sections.ts';

/** The suite of the validation problems. */
export const VALIDATION_SUITE = 'validation';

export const GOLD_FORMS = ['auto', 'after-hashes', 'boxed', 'as-is'] as const;

/** Problems of a registered data set, a generator, a file, a folder of files, or the Hugging Face Hub. */
const problemsSchema = z.strictObject({
  from: z
    .string()
    .describe(
      'Data set name (`gsm8k`), generator (`testbed`, `one-step`), id on the Hugging Face Hub (`openai/gsm8k`), or path of a file (JSON lines, JSON, CSV, TSV, parquet) or a folder of such files, relative to the campaign file',
    ),
  config: z.string().optional().describe('Of a Hub data set or a folder: its configuration, e.g. `main`'),
  split: z
    .string()
    .optional()
    .describe(
      'Of a Hub data set or a folder: its split. Of a generator: `train`, `held-out` or `unseen`; problems are held out by a hash of the prompt',
    ),
  revision: z.string().optional().describe('Of a Hub data set: branch, tag or commit; default `main`'),
  problem: z
    .string()
    .optional()
    .describe('Column of the problem; a dot goes into a nested field; default: found by its name'),
  answer: z.string().optional().describe('Column of the answer; default: found by its name'),
  id: z.string().optional().describe('Column of the id; default: found by its name, else rows are numbered'),
  gold: z
    .enum(GOLD_FORMS)
    .optional()
    .describe(
      'How the answer column holds the gold: after the last `####`, in the last box, as it is, or `auto` (default): by those marks and `<answer>`, row by row',
    ),
  limit: count.optional().describe('Take the first N problems, in seeded order'),
});

const hardwareSchema = z.strictObject({
  gpu: z
    .enum(HARDWARE_NAMES)
    .describe('Kind of the GPUs, or `cpu`; the dry run says what they take and how long it takes'),
  count: count.default(1).describe('Number of GPUs that sample'),
  hostMemoryGb: positive.optional().describe('Memory of the machine that trains'),
});

const failuresSchema = z.strictObject({
  infrastructure: fraction
    .default(0.02)
    .describe("Share of an arm's rollouts that sandbox or grader may lose; more blocks the iteration"),
  partTimeoutMinutes: positive
    .default(30)
    .describe('A part that is away, or gives no sign of progress, for this long blocks; longer than a training update'),
  webhook: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Is sent a POST of `{campaign, status, reason, at}` when the campaign is blocked'),
});

const evaluationSchema = z.strictObject({
  suite: z.string().describe('Name shown in tables'),
  role: z
    .literal('retention')
    .optional()
    .describe(
      'The suite measures what the model could do before the campaign. A fall raises an alarm. The suite does not choose the best checkpoint, and the list of campaigns does not show it',
    ),
  problems: problemsSchema,
  every: count
    .optional()
    .describe(
      'Measured at the start, after every so many iterations and after the last one that is planned; absent = after each',
    ),
  arms: z
    .strictObject({ auto: count.optional(), cot: count.optional(), code: count.optional() })
    .optional()
    .describe('At most this many problems an arm; absent = all problems in all three arms'),
  samples: count.default(1).describe('Rollouts a problem and arm'),
  temperature: z.number().min(0).default(0).describe('0 = greedy'),
  maxNewTokens: count.optional().describe("Default: the sampling section's"),
});

const settingsSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens')
    .describe('Id of the campaign'),
  model: z
    .string()
    .describe(
      'Checkpoint folder (Hugging Face format; relative to the campaign file), or `testbed`: trained from scratch',
    ),
  template: z.union([z.enum(TEMPLATE_NAMES), templateSchema]).describe('Preset or own prompt template'),
  method: z
    .enum(METHOD_NAMES)
    .default('em')
    .describe(METHOD_NAMES.map((name) => `\`${name}\`: ${METHODS[name].summary}`).join('. ')),
  iterations: z.int().min(0).describe('EM iterations'),
  seed: z.int().min(0).default(0).describe('Of everything random in the campaign'),
  sft: sftSchema.optional().describe('SFT before the first iteration, so that the base model follows the prefixes'),
  problems: z
    .array(problemsSchema)
    .min(1)
    .describe('Training problems; an iteration takes the next ones of a seeded permutation'),
  validation: z
    .strictObject({
      problems: count.describe('So many of the training problems, chosen by a hash of their texts; never trained on'),
      rollback: z
        .boolean()
        .default(false)
        .describe(
          'After an iteration whose `auto` accuracy on them is surely below that of the best one, the next iteration starts from the checkpoint of the best',
        ),
    })
    .optional()
    .describe(
      'Measured like a suite, greedily in all arms; chooses the best checkpoint, and raises the alarm of a collapse. Absent: the first suite chooses',
    ),
  problemsPerIteration: count
    .default(7000)
    .describe(
      'The last iteration of a pass is filled from the next pass, without a problem twice; at most all problems',
    ),
  sampling: z
    .strictObject({
      samplesPerArm: count
        .default(8)
        .describe('K: rollouts a problem and arm; methods that force no arm draw 2K auto rollouts'),
      autoSamples: z
        .int()
        .min(0)
        .default(0)
        .describe(
          'Rollouts a problem without a forced prefix, beside those of both arms; learnt from like them, and the prior where the prefixes have no mass. Only for methods that force arms',
        ),
      temperature: positive.default(1).describe('Of the rollouts; the behaviour log-probs are those after it'),
      maxNewTokens: count.default(1024).describe('Tokens the model may write in a rollout, the same for both arms'),
      maxTurns: count.default(4).describe('Code blocks a rollout may run, plus one'),
      compute: z
        .enum(['fp32', 'w8a8'])
        .default('fp32')
        .describe(
          'Of our own sampler in training: `w8a8` is faster and samples from the rounded model, so that ρ on the probe is not 1 (docs/sampler.md). Evaluations are fp32',
        ),
      problemsPerShard: count.default(32).describe('Problems of one durable sampling step'),
      shardsInFlight: count.default(8).describe('Admission window: shards that are sampled at a time'),
    })
    .prefault({}),
  execution: z
    .strictObject({
      cpuMs: count.default(2000).describe('Processor time of a snippet: this decides, so that load does not'),
      wallMs: count.default(10_000),
      memoryMb: count.default(512),
      outputKb: count.default(64),
      showValue: z
        .boolean()
        .optional()
        .describe(
          "The model reads the value of a block's last expression too, as in a notebook; default: on for templates with fenced code, off for `testbed`",
        ),
    })
    .prefault({}),
  grading: gradingSchema
    .optional()
    .describe("Conventions of grading, of training and evaluations alike; part of every grade's step key"),
  strategy: z
    .strictObject({
      name: z.enum(['energy', 'paper', 'hard']).default('energy').describe('Form of the reference strategy s*(c|x)'),
      alpha: positive.default(8).describe('α: how sharply s* prefers the better arm'),
      priorFloor: fraction.default(0.01).describe('π(c|x) is floored here, so that an arm is never lost for good'),
      confidence: z
        .union([z.literal('off'), z.number().gt(0.5).lt(1)])
        .default('off')
        .describe(
          'A problem has a decision target only where P(one arm is better) is at least this, by Beta posteriors, and Q̂ is their mean; `off`: where the shares of right rollouts differ by more than a standard error, and Q̂ is the share (docs/strategy.md)',
        ),
      violations: z
        .enum(VIOLATION_RULES)
        .default('graded')
        .describe(
          "How rollouts that broke their arm's rule count in Q̂: not, as wrong, or by their grade; `graded` also grades them in evaluations, where they are wrong otherwise. They are never learnt from",
        ),
      truncated: z
        .enum(TRUNCATION_RULES)
        .default('wrong')
        .describe('How rollouts that used up their budget count in Q̂; `wrong-unlearnt`: as wrong, but not in the loss'),
      voidTurns: z
        .enum(VOID_TURN_RULES)
        .optional()
        .describe(
          '`left-out`: rollouts whose last turn has neither code nor an answer count as wrong, but are not in the loss; default `learnt`',
        ),
      minValid: count.optional().describe('Valid rollouts an arm needs; default K/2'),
      rollouts: z
        .enum(['all', 'by-strategy'])
        .default('all')
        .describe('Rollouts that are learnt from: all of both arms, or as in the paper a share of each arm by s*'),
      pooledAdvantages: z
        .boolean()
        .default(false)
        .describe('Advantages over both arms, as in the paper, in place of per arm'),
      perProblem: count
        .optional()
        .describe('Learn from at most so many correct rollouts (`rft`) or pairs (`dpo`) of a problem; absent = all'),
      distinct: z
        .boolean()
        .default(false)
        .describe('Of `rft`: learn each solution of a problem once; white space makes no difference'),
    })
    .prefault({}),
  train: trainSchema.prefault({}),
  failures: failuresSchema.prefault({}),
  checkpoints: z
    .strictObject({
      keepLast: count
        .optional()
        .describe(
          "After each iteration the files of this campaign's checkpoints go, but for the newest so many, head, start, best, pinned and what is worked on; absent = 2 above 10⁹ parameters, else all",
        ),
    })
    .optional(),
  evaluations: z
    .array(evaluationSchema)
    .default([])
    .describe('Run before the first iteration and after each (`every`)'),
  report: z
    .array(z.enum(TRACKER_NAMES))
    .refine((names) => new Set(names).size === names.length, 'name each tracker once')
    .optional()
    .describe('Experiment trackers that get the figures of the campaign (docs/trackers.md); absent = none'),
  hardware: hardwareSchema
    .optional()
    .describe(
      'What the campaign will run on; it changes no result. A start is refused where it does not fit (docs/memory.md)',
    ),
  pinned: pinnedSchema
    .optional()
    .describe('Written by the start, not by people: the stored content of the files that the settings name'),
});

/** Turns of one code block and the text after its output. */
const LEAST_TURNS = 2;
/** Turns that a shard can take; a rollout that runs more blocks than this is not solving a problem. */
const MOST_TURNS = 64;

/** Rules between settings, which a schema of single fields can't express. */
function checkTogether(config: z.infer<typeof settingsSchema>, context: z.RefinementCtx): void {
  const fail = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  const { minValid, priorFloor, confidence } = config.strategy;
  const arms = METHODS[config.method].arms(config.sampling.samplesPerArm);
  const drawn = Math.min(...arms.map(({ samples }) => samples));
  for (const [name, methods] of [
    ['perProblem', ['rft', 'dpo']],
    ['distinct', ['rft']],
  ] as const) {
    const value = config.strategy[name];
    if (!methods.some((method) => method === config.method) && value !== undefined && value !== false)
      fail(['strategy', name], `it is a setting of ${methods.join(' and ')}; leave it out with ${config.method}`);
  }
  if (config.method === 'dpo' && config.sampling.temperature !== 1)
    fail(
      ['sampling', 'temperature'],
      `1 with dpo, whose reference are the log-probs of the rollouts and of the prefixes, which are at temperature 1; it is ${config.sampling.temperature}`,
    );
  if (typeof config.sft?.demonstrations === 'string' && config.sft.problems === undefined)
    fail(['sft', 'problems'], `say how many problems ${config.sft.demonstrations} generates`);
  if (config.method === 'sft' && config.sft === undefined)
    fail(['method'], 'sft trains on the demonstrations of the section sft; add the section');
  if (minValid !== undefined && minValid > drawn) {
    fail(['strategy', 'minValid'], `only ${drawn} rollouts are drawn; raise sampling.samplesPerArm or lower it`);
  }
  const surest = arms.length === 0 ? 1 : probabilityBetter({ right: drawn, n: drawn }, { right: 0, n: drawn });
  const { samplesPerArm, autoSamples } = config.sampling;
  if (autoSamples > 0 && METHODS[config.method].arms(samplesPerArm, autoSamples).length === arms.length) {
    fail(
      ['sampling', 'autoSamples'],
      `${config.method} draws auto rollouts only; raise sampling.samplesPerArm instead`,
    );
  }
  if (confidence !== 'off' && confidence > surest) {
    fail(
      ['strategy', 'confidence'],
      `${drawn} rollouts an arm show at most ${Number(surest.toPrecision(5))}, so no problem would have a target; raise sampling.samplesPerArm or lower it`,
    );
  }
  if (priorFloor > 0.5) fail(['strategy', 'priorFloor'], 'both arms have it, so at most 0.5');
  if (config.sampling.maxTurns < LEAST_TURNS) {
    fail(
      ['sampling', 'maxTurns'],
      `at least ${LEAST_TURNS}: with ${config.sampling.maxTurns} no code block may run, and code would be worth 0`,
    );
  }
  const least = {
    cpuMs: LEAST_LIMITS.cpuMs,
    wallMs: LEAST_LIMITS.wallMs,
    memoryMb: LEAST_LIMITS.memoryBytes / 2 ** 20,
  };
  for (const name of ['cpuMs', 'wallMs', 'memoryMb'] as const) {
    if (config.execution[name] < least[name])
      fail(['execution', name], `at least ${least[name]}: the sandbox can run nothing with less`);
  }
  if (config.execution.wallMs < config.execution.cpuMs) {
    fail(
      ['execution', 'wallMs'],
      `at least execution.cpuMs (${config.execution.cpuMs}), or the processor time can't be used up`,
    );
  }
  const template = typeof config.template === 'string' ? TEMPLATES[config.template] : config.template;
  for (const { path, message } of findTemplateFaults(template)) fail(['template', ...path], message);
  if (config.model === TESTBED && template.prompt.kind === 'chat') {
    fail(['template'], `the testbed's model has no chat template; write "template: ${TESTBED}"`);
  }
  if (config.sampling.maxTurns > MOST_TURNS) fail(['sampling', 'maxTurns'], `at most ${MOST_TURNS}`);
  for (const section of ['sft', 'train'] as const) {
    const optimizer = config[section]?.optimizer;
    if (optimizer?.name === 'muon' && optimizer.muonLearningRate === undefined) {
      fail([section, 'optimizer'], 'muon needs muonLearningRate, e.g. 6e-3');
    }
    if (optimizer?.name === 'muon' && (config.train.gpus ?? 1) > 1)
      fail([section, 'optimizer', 'name'], MUON_NEEDS_ONE_GPU);
    if (optimizer?.name === 'muon' && config[section]?.lora !== undefined)
      fail([section, 'optimizer', 'name'], MUON_IS_NOT_FOR_LORA);
    if (optimizer?.name === 'muon' && config.train.offload === true)
      fail([section, 'optimizer', 'name'], OFFLOAD_IS_NOT_FOR_MUON);
  }
  if (config.train.klReference !== undefined) {
    const { klWeight, gpus = 1, lora, offload = false } = config.train;
    const refuse = (message: string): void => fail(['train', 'klReference'], message);
    if (klWeight === 0) refuse('train.klWeight is 0, so there is no KL anchor; leave it out');
    if (gpus > 1 || lora !== undefined || offload)
      refuse('needs train.gpus 1, and neither train.lora nor train.offload');
  }
  if (config.train.offload === true && config.train.lora !== undefined)
    fail(['train', 'offload'], OFFLOAD_IS_NOT_FOR_LORA);
  for (const { path, message } of faultsOfRatio(config.train.ratio)) fail(['train', 'ratio', ...path], message);
  if (parseModelSource(config.model).kind === 'testbed' && config.sft === undefined) {
    fail(['model'], '"testbed" is trained from scratch; add a sft section, or give a checkpoint folder');
  }
  if (parseModelSource(config.model).kind === 'testbed' && config.sft?.lora !== undefined)
    fail(
      ['sft', 'lora'],
      'the testbed starts from random weights, which adapters can not make a model of; leave it out',
    );
  const names = config.evaluations.map((evaluation) => evaluation.suite);
  if (config.validation !== undefined && names.includes(VALIDATION_SUITE))
    fail(['evaluations'], `the suite of the section validation is called ${VALIDATION_SUITE}; give yours another name`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) fail(['evaluations'], `two are called ${twice}; give each suite a name of its own`);
}

export const campaignSchema = settingsSchema.superRefine(checkTogether);

export type CampaignConfig = z.infer<typeof campaignSchema>;
export type ProblemsConfig = z.infer<typeof problemsSchema>;
export type EvaluationConfig = z.infer<typeof evaluationSchema>;
