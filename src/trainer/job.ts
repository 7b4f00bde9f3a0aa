/**
 * The job file of the PyTorch program. These schemas are its only definition: the types are inferred from them, the
 * campaign file takes the rules of its `train` section from them, and a test compares the dataclasses of
 * `python/whencode_trainer/job.py` with them.
 */
import { z } from 'zod';

const count = z.int().min(1);
const whole = z.int().min(0);
const notNegative = z.number().min(0);
const positive = z.number().positive();

export const optimizerFields = z.strictObject({
  /**
   * `adamw-8bit`: AdamW with moments of 8 bits for weight matrices, but embeddings. `muon`: Muon on weight matrices with
   * `muonLearningRate`, AdamW on the rest.
   */
  name: z.enum(['adamw', 'adamw-8bit', 'muon']),
  learningRate: notNegative,
  muonLearningRate: positive.exactOptional(),
  weightDecay: notNegative,
  schedule: z.enum(['constant', 'cosine']),
  /** Updates over which the rate rises linearly. */
  warmupSteps: whole,
  /** Maximum global gradient norm. */
  maxGradNorm: positive,
});

/** A share of a whole, neither nothing nor all of it. */
const share = z.number().gt(0).lt(1);

export const decisionWeightSchema = z.union([
  notNegative,
  z.strictObject({
    /** Part of the gradient that the decision's may have, by norm. */
    share,
    /** Largest λ. */
    max: positive,
  }),
]);

/** How importance ratios enter the policy gradient. */
export const ratioFields = z.strictObject({
  /**
   * `direct`: ρ = π/μ is clipped. `decoupled`: the trainer computes log π_old at the start; ρ = π/π_old is clipped, and
   * the mismatch π_old/μ is corrected apart.
   */
  mode: z.enum(['direct', 'decoupled']),
  /** `ppo`: min(ρA, clip(ρ)A). `clip-only`: clip(ρ)A. */
  objective: z.enum(['ppo', 'clip-only']),
  /** Largest weight π_old/μ of a token; absent: all weights are 1. Only `decoupled`. */
  truncate: positive.exactOptional(),
  /** Leaves out sequences whose geometric mean of π_old/μ is outside [low, high]. Only `decoupled`. */
  reject: z
    .strictObject({
      geometricMean: z
        .tuple([positive, positive])
        .refine(([low, high]) => low < 1 && high > 1, 'must be [below 1, above 1]'),
    })
    .exactOptional(),
  /** Lower bound of the objective at A < 0, in units of A. Only `ppo`. */
  dualClip: z.number().gt(1).exactOptional(),
});

/** Rules between the fields, as pairs of a field's path and a message. */
export function faultsOfRatio(ratio: z.infer<typeof ratioFields>): { path: string[]; message: string }[] {
  const { mode, objective, truncate, reject, dualClip } = ratio;
  const isDirect = mode === 'direct';
  return [
    ...(isDirect && truncate !== undefined
      ? [{ path: ['truncate'], message: 'needs mode decoupled: direct clips the whole ratio already' }]
      : []),
    ...(isDirect && reject !== undefined
      ? [{ path: ['reject'], message: 'needs mode decoupled, which computes log π_old' }]
      : []),
    ...(objective === 'clip-only' && dualClip !== undefined
      ? [{ path: ['dualClip'], message: 'needs objective ppo: clip-only is bounded on both sides' }]
      : []),
  ];
}

/** Linear layers of a transformer layer, by their names in a checkpoint. */
const LORA_TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;

/** Low-rank adapters on frozen weights: y = W x + (alpha / rank) · B A x. */
export const loraFields = z.strictObject({
  rank: count,
  alpha: positive,
  /** Linear layers that get an adapter. */
  targets: z.array(z.enum(LORA_TARGETS)).min(1),
});

export const trainFields = z.strictObject({
  /** Loss of the sequences: clipped importance-weighted policy gradient, plain cross-entropy, or DPO on pairs of them. */
  objective: z.enum(['policy-gradient', 'cross-entropy', 'preference']),
  /** λ: weight of the decision's cross-entropy. */
  decisionWeight: decisionWeightSchema,
  /** ε of the clip, or [ε low, ε high]. */
  clip: z.union([notNegative, z.tuple([notNegative, notNegative])]),
  /** Absent: direct, ppo. Not for cross-entropy; of `preference` only the mode, which says what the reference policy is. */
  ratio: ratioFields.exactOptional(),
  /** β of DPO; only with `preference`, which needs it. */
  preferenceBeta: positive.exactOptional(),
  /** β: weight of the KL divergence from the start policy. The policy gradient only, as is the next. */
  klWeight: notNegative.exactOptional(),
  /** The run ends before an update whose `approx_kl` is larger. */
  targetKl: positive.exactOptional(),
  /** Mean over tokens, over sequences of their means, or over arms of their token means. Absent: `token-mean`. */
  aggregation: z.enum(['token-mean', 'sequence-mean', 'arm-balanced']).exactOptional(),
  /** Sampling temperature of the rollouts. */
  temperature: positive,
  epochs: count,
  /** Queries per update ... */
  batchSize: count.exactOptional(),
  /** ... or tokens per update. Exactly one of the two is given. */
  batchTokens: count.exactOptional(),
  /** Tokens of one forward pass; larger updates accumulate gradients. `auto`: as many as `passMemory` of the job allows. */
  microBatchTokens: z.union([count, z.literal('auto')]),
  /** Maximum number of updates; absent: all epochs. */
  maxUpdates: count.exactOptional(),
  optimizer: optimizerFields,
  precision: z.enum(['fp32', 'bf16']),
  gradientCheckpointing: z.boolean(),
  /** CPU threads; the tiny testbed model is fastest on one. */
  threads: count.exactOptional(),
  /**
   * Tolerance of the probe on mean |ρ − 1|. Outside it the trainer warns, and refuses to start above 0.2, or where another
   * temperature fits. Absent: no probe. The policy gradient needs it, cross-entropy has none.
   */
  ratioTolerance: positive.exactOptional(),
  seed: whole,
  /** Processes, each with a shard of the model and a GPU of its own, or all on the CPU; absent: 1. */
  gpus: count.exactOptional(),
  /** Absent: all weights learn. */
  lora: loraFields.exactOptional(),
  /** Masters, gradients and moments are in host memory; absent: on the device. */
  offload: z.boolean().exactOptional(),
});

/** What an objective needs, and what only others have. */
function faultsOfObjective(options: z.infer<typeof trainFields>): { path: string[]; message: string }[] {
  const { objective, ratio } = options;
  const owners = {
    ratio: ['policy-gradient', 'preference'],
    klWeight: ['policy-gradient'],
    targetKl: ['policy-gradient'],
    preferenceBeta: ['preference'],
  } as const satisfies Partial<Record<keyof typeof options, readonly (typeof objective)[]>>;
  const needed = {
    'policy-gradient': 'ratioTolerance',
    preference: 'preferenceBeta',
    'cross-entropy': undefined,
  } as const;
  const foreign = (Object.keys(owners) as (keyof typeof owners)[]).filter(
    (name) => options[name] !== undefined && !owners[name].some((owner) => owner === objective),
  );
  const ofRatio = (['truncate', 'reject', 'dualClip'] as const).filter(
    (name) => objective === 'preference' && ratio?.[name] !== undefined,
  );
  const need = needed[objective];
  return [
    ...foreign.map((name) => ({ path: [name], message: `needs the objective ${owners[name].join(' or ')}` })),
    ...ofRatio.map((name) => ({ path: ['ratio', name], message: 'needs the objective policy-gradient' })),
    ...(need === undefined || options[need] !== undefined
      ? []
      : [{ path: [need], message: `is missing: the objective ${objective} needs it` }]),
  ];
}

export const MUON_IS_NOT_FOR_LORA = 'muon is for whole matrices: with lora use adamw';
export const MUON_NEEDS_ONE_GPU = 'muon needs whole matrices: with train.gpus above 1 use adamw';

export const OFFLOAD_IS_NOT_FOR_LORA = 'is for all weights: adapters have little state; leave it out with lora';
export const OFFLOAD_IS_NOT_FOR_MUON =
  'muon multiplies matrices in its step, which a host is slow at: with offload use adamw';

export const trainOptionsSchema = trainFields.superRefine((options, context) => {
  const fail = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  if ((options.batchSize === undefined) === (options.batchTokens === undefined))
    fail([], 'exactly one of batchSize and batchTokens must be given');
  for (const { path, message } of faultsOfObjective(options)) fail(path, message);
  for (const { path, message } of options.ratio === undefined ? [] : faultsOfRatio(options.ratio))
    fail(['ratio', ...path], message);
  if (options.optimizer.name === 'muon' && options.optimizer.muonLearningRate === undefined)
    fail(['optimizer', 'muonLearningRate'], 'is missing: Muon needs its own learning rate');
  if (options.optimizer.name === 'muon' && (options.gpus ?? 1) > 1) fail(['optimizer', 'name'], MUON_NEEDS_ONE_GPU);
  if (options.optimizer.name === 'muon' && options.lora !== undefined)
    fail(['optimizer', 'name'], MUON_IS_NOT_FOR_LORA);
  if (options.offload === true && options.lora !== undefined) fail(['offload'], OFFLOAD_IS_NOT_FOR_LORA);
  if (options.offload === true && options.optimizer.name === 'muon')
    fail(['optimizer', 'name'], OFFLOAD_IS_NOT_FOR_MUON);
});

/** Where and how often the trainer saves its state. Only the newest is kept, as `state-<updates done>.safetensors`. */
export const saveSchema = z.strictObject({
  /** Existing folder that only this run uses. */
  directory: z.string(),
  /** From one state to the next; each is written while the training goes on. 0 = after every update, which waits for it. */
  everySeconds: notNegative,
});

/** Lengths of a pass, the shortest first, with the memory that has to be free for it: of each GPU, or of a machine that computes itself. */
const passMemorySchema = z.array(z.strictObject({ tokens: count, gpuBytes: positive, hostBytes: positive })).min(1);
export type PassMemory = z.infer<typeof passMemorySchema>;

export const trainJobSchema = z.strictObject({
  kind: z.literal('train'),
  modelDirectory: z.string(),
  trainingSetFile: z.string(),
  outputDirectory: z.string().min(1),
  options: trainOptionsSchema,
  /** `auto`, the default: a GPU if PyTorch finds one. */
  device: z.enum(['auto', 'cpu', 'cuda']).exactOptional(),
  save: saveSchema.exactOptional(),
  /**
   * A saved state of the same job. A resumed run gives the same bits as an uninterrupted one. An unreadable state is
   * ignored.
   */
  resumeFrom: z.string().exactOptional(),
  /** Model that the KL anchor holds the policy to; absent: the one that sampled. One process, all weights. */
  referenceDirectory: z.string().exactOptional(),
  /** Needed with `microBatchTokens: auto`: the trainer takes the longest pass that fits, once, and a resumed run takes the same. */
  passMemory: passMemorySchema.exactOptional(),
});

/** The probe alone, on rollouts that nothing is learnt from. */
export const probeJobSchema = trainJobSchema
  .pick({ modelDirectory: true, trainingSetFile: true, options: true, device: true })
  .extend({ kind: z.literal('probe') });

export const createModelJobSchema = z.strictObject({
  kind: z.literal('create-model'),
  /** Content of a config.json of a family in src/models/families. */
  config: z.record(z.string(), z.unknown()),
  /** Folder whose files (tokenizer.json, ...) are copied into the output folder. */
  tokenizerDirectory: z.string(),
  outputDirectory: z.string().min(1),
  seed: whole,
});

/** Content of a job file. Paths are absolute; an `outputDirectory` must not exist and appears whole or not at all. */
export const trainerJobSchema = z.discriminatedUnion('kind', [trainJobSchema, probeJobSchema, createModelJobSchema]);

export type TrainOptions = z.infer<typeof trainFields>;
export type TrainerJob = z.infer<typeof trainerJobSchema>;

/** The defects of a job as one sentence; undefined for a valid job. */
export function complaintAbout(job: TrainerJob): string | undefined {
  const { error } = trainerJobSchema.safeParse(job);
  if (error === undefined) return undefined;
  return error.issues.map(({ path, message }) => `${path.join('.') || 'the job'}: ${message}`).join('; ');
}
