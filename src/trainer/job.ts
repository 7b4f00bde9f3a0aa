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
  /** `muon`: Muon on weight matrices with `muonLearningRate`, AdamW on the rest. */
  name: z.enum(['adamw', 'muon']),
  learningRate: notNegative,
  muonLearningRate: positive.exactOptional(),
  weightDecay: notNegative,
  schedule: z.enum(['constant', 'cosine']),
  /** Updates over which the rate rises linearly. */
  warmupSteps: whole,
  /** Maximum global gradient norm. */
  maxGradNorm: positive,
});

export const trainFields = z.strictObject({
  /** Loss of the sequences: clipped importance-weighted policy gradient, or plain cross-entropy. */
  objective: z.enum(['policy-gradient', 'cross-entropy']),
  /** λ: weight of the decision's cross-entropy. */
  decisionWeight: notNegative,
  /** ε of the clip. */
  clip: notNegative,
  /** Sampling temperature of the rollouts. */
  temperature: positive,
  epochs: count,
  /** Queries per update ... */
  batchSize: count.exactOptional(),
  /** ... or tokens per update. Exactly one of the two is given. */
  batchTokens: count.exactOptional(),
  /** Tokens of one forward pass; larger updates accumulate gradients. */
  microBatchTokens: count,
  /** Maximum number of updates; absent: all epochs. */
  maxUpdates: count.exactOptional(),
  optimizer: optimizerFields,
  precision: z.enum(['fp32', 'bf16']),
  gradientCheckpointing: z.boolean(),
  /** CPU threads; the tiny testbed model is fastest on one. */
  threads: count.exactOptional(),
  /**
   * Tolerance of the probe on mean |ρ − 1|; outside it the trainer refuses to start. Absent: no probe (cross-entropy).
   */
  ratioTolerance: positive.exactOptional(),
  seed: whole,
});

export const trainOptionsSchema = trainFields.superRefine((options, context) => {
  const fail = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  if ((options.batchSize === undefined) === (options.batchTokens === undefined))
    fail([], 'exactly one of batchSize and batchTokens must be given');
  if (options.objective === 'policy-gradient' && options.ratioTolerance === undefined)
    fail(['ratioTolerance'], 'is missing: policy-gradient never starts without its probe');
  if (options.optimizer.name === 'muon' && options.optimizer.muonLearningRate === undefined)
    fail(['optimizer', 'muonLearningRate'], 'is missing: Muon needs its own learning rate');
});

/** Where and how often the trainer saves its state. Only the newest is kept, as `state-<updates done>.safetensors`. */
export const saveSchema = z.strictObject({
  /** Existing folder that only this run uses. */
  directory: z.string(),
  /** 0 = after every update. */
  everySeconds: notNegative,
});

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
});

export const createModelJobSchema = z.strictObject({
  kind: z.literal('create-model'),
  /** Content of a config.json of a family in src/models/families. */
  config: z.record(z.string(), z.unknown()),
  /** Folder whose files (tokenizer.json, ...) are copied into the output folder. */
  tokenizerDirectory: z.string(),
  outputDirectory: z.string().min(1),
  seed: whole,
});

/** Content of a job file. Paths are absolute; `outputDirectory` must not exist and appears whole or not at all. */
export const trainerJobSchema = z.discriminatedUnion('kind', [trainJobSchema, createModelJobSchema]);

export type TrainOptions = z.infer<typeof trainFields>;
export type TrainerJob = z.infer<typeof trainerJobSchema>;

/** The defects of a job as one sentence; undefined for a valid job. */
export function complaintAbout(job: TrainerJob): string | undefined {
  const { error } = trainerJobSchema.safeParse(job);
  if (error === undefined) return undefined;
  return error.issues.map(({ path, message }) => `${path.join('.') || 'the job'}: ${message}`).join('; ');
}
