/** The sections of the campaign file that the trainer reads: `sft` and `train`. */
import { z } from 'zod';
import { USUAL_PREFERENCE_BETA } from '../methods/dpo.ts';
import { loraFields, optimizerFields, ratioFields, trainFields } from '../trainer/job.ts';
import { count, fraction, positive } from './numbers.ts';

/** Of problems, and of solved problems for the warm-up. */
export const GENERATORS = ['testbed', 'one-step'] as const;
export type GeneratorName = (typeof GENERATORS)[number];

// The trainer's schema defines the range of each option; a campaign adds defaults and descriptions.
const optimizerRules = optimizerFields.shape;
const trainRules = trainFields.shape;
const ratioRules = ratioFields.shape;
const loraRules = loraFields.shape;

const optimizerSchema = z.strictObject({
  name: optimizerRules.name
    .default('adamw')
    .describe(
      '`muon`: Muon on weight matrices, AdamW on the rest; `adamw-8bit`: AdamW whose moments take 2 bytes a parameter in place of 8, which needs `npm run setup -- --8bit` (docs/large-models.md)',
    ),
  learningRate: positive.default(1e-6).describe('Peak; of AdamW, or of what Muon leaves to AdamW'),
  muonLearningRate: optimizerRules.muonLearningRate.describe('Required with `muon`'),
  weightDecay: optimizerRules.weightDecay.default(0).describe('Decoupled, times the learning rate'),
  schedule: optimizerRules.schedule.default('constant').describe('`cosine` falls to 0 at the last update'),
  warmupSteps: optimizerRules.warmupSteps.default(0).describe('Updates over which the rate rises linearly'),
  maxGradNorm: optimizerRules.maxGradNorm.default(1).describe('Clip of the global gradient norm'),
});

const loraSchema = z.strictObject({
  rank: loraRules.rank.default(16).describe('Of the adapters, at most the smaller side of each matrix'),
  alpha: loraRules.alpha.default(32).describe('The adapters count alpha / rank times'),
  targets: loraRules.targets.default([...loraRules.targets.element.options]).describe('Linear layers with an adapter'),
});

export const traceSourceSchema = z.strictObject({
  file: z.string().min(1).describe('Path, relative to the campaign file: JSON lines, JSON, CSV or parquet'),
  keep: z
    .enum(['correct', 'all'])
    .default('correct')
    .describe(
      '`all`: also traces whose answer is wrong or undecided, or whose code fails; they are counted in either case',
    ),
});

export const sftSchema = z.strictObject({
  demonstrations: z
    .union([z.enum(GENERATORS), traceSourceSchema])
    .describe('Generator of solved problems in both forms, or a file of traces (docs/data.md)'),
  problems: count
    .optional()
    .describe('Of a generator, required: problems, each in both forms. Of a file: only its first so many traces'),
  batchTokens: count.describe('An update takes as many problems, whole, as fit'),
  epochs: count.default(1).describe('Passes over the demonstrations'),
  maxUpdates: trainRules.maxUpdates.describe('Stop after this many updates'),
  optimizer: optimizerSchema.prefault({}),
  lora: loraSchema.exactOptional().describe('As `train.lora`, for this stage'),
  skewTo: fraction.optional().describe('After the warm-up, move p(code) to this value, both arms kept fluent'),
  skewUpdates: count.default(120).describe('Updates that the move takes'),
  seed: z.int().min(0).default(0).describe('Of the demonstrations, the initial weights and the order'),
});

const ratioSchema = z.strictObject({
  mode: ratioRules.mode
    .default('direct')
    .describe(
      '`direct`: the ratio to the sampling policy is clipped; `decoupled`: the ratio to the policy at the start, which the trainer computes, and the mismatch between the two is corrected by `truncate` and `reject`',
    ),
  objective: ratioRules.objective
    .default('ppo')
    .describe('`ppo`: min(ρA, clip(ρ)A); `clip-only`, as in the paper: clip(ρ)A'),
  truncate: ratioRules.truncate.describe('`decoupled`: a token is weighted by min(π_old/μ, this), e.g. 2; absent = 1'),
  reject: ratioRules.reject.describe(
    '`decoupled`: sequences are left out if the geometric mean of π_old/μ is outside these bounds, e.g. `geometricMean: [0.99, 1.01]`',
  ),
  dualClip: ratioRules.dualClip.describe('`ppo`: a token with A < 0 counts at most this many times A, e.g. 3'),
});

export const trainSchema = z.strictObject({
  epochs: trainRules.epochs.default(3).describe('Passes over the curated set'),
  batchSize: count.default(32).describe('Problems an optimiser step takes, with all their kept rollouts'),
  microBatchTokens: trainRules.microBatchTokens
    .default(16_384)
    .describe(
      'Tokens of one forward pass; larger updates accumulate gradients. `auto`: as many as fit into the memory that is free when the training starts (docs/memory.md)',
    ),
  clip: trainRules.clip.default(0.2).describe('ε of the importance ratio clip, or `[ε low, ε high]`'),
  ratio: ratioSchema.prefault({}),
  klWeight: trainRules.klWeight
    .unwrap()
    .default(8)
    .describe(
      'β: weight of the KL divergence from the policy at the start of the iteration, over all rollouts that may be learnt from, also those without an advantage; 0 = off. Measured with `em`; examples/testbed-rl.yaml has 0. Without it a first iteration can unlearn an arm (docs/objective.md)',
    ),
  klReference: z
    .literal('start')
    .exactOptional()
    .describe(
      'The KL anchor is relative to the checkpoint that the campaign started from, in place of the one that the iteration did; not with `lora`, `offload` or several GPUs (docs/objective.md)',
    ),
  targetKl: trainRules.targetKl.describe('Ends the epochs before an update at which `approx_kl` is larger'),
  aggregation: trainRules.aggregation
    .unwrap()
    .default('token-mean')
    .describe(
      "Mean of the solution's loss: over tokens; over sequences of their means; or over arms of their token means",
    ),
  decisionWeight: trainRules.decisionWeight
    .default(2)
    .describe(
      "λ: weight of the cross-entropy of the code decision; `{ share, max }`: the weight, at most `max`, at which the decision's gradient has this share of the norm",
    ),
  preferenceBeta: trainRules.preferenceBeta.describe(
    `β of \`dpo\`: the larger, the closer the policy stays to the one that sampled; default ${USUAL_PREFERENCE_BETA}`,
  ),
  optimizer: optimizerSchema.prefault({}),
  precision: z
    .enum([...trainRules.precision.options, 'auto'])
    .default('auto')
    .describe('`auto`: bf16 on a GPU, fp32 on a CPU'),
  gradientCheckpointing: trainRules.gradientCheckpointing
    .default(false)
    .describe('Less memory for about a third more time'),
  threads: trainRules.threads.describe('CPU threads of the trainer; a tiny model is fastest on one'),
  gpus: trainRules.gpus.describe(
    'GPUs of one machine that train together, also in the SFT stage; each holds a part of weights and optimizer state. Absent = 1 (docs/large-models.md)',
  ),
  lora: loraSchema
    .exactOptional()
    .describe(
      'Low-rank adapters learn, the weights are frozen; `{}` takes the defaults below. The checkpoint has the sum, and the adapters in the format of peft besides. Absent = all weights learn (docs/large-models.md)',
    ),
  offload: trainRules.offload.describe(
    'Fp32 weights, gradients and moments are in host memory, where the optimizer runs: a GPU holds 2 bytes a parameter in place of 16, and each pass and update waits for the bus (docs/large-models.md). Not with `lora` or `muon`',
  ),
  saveEveryMinutes: z
    .number()
    .min(0)
    .exactOptional()
    .describe(
      'From one saved state of the training to the next; a killed training loses at most so much and the time of writing. 0 = after every update, which waits for it; absent = 5',
    ),
  ratioTolerance: positive
    .default(0.02)
    .describe(
      'Of mean |ρ − 1| between sampler and trainer; more is an alarm, and above 0.2, or at another temperature, refused',
    ),
});

export type SftConfig = z.infer<typeof sftSchema>;
export type TraceSource = z.infer<typeof traceSourceSchema>;
