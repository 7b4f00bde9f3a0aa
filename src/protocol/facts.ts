/**
 * Facts: the records of workflows that people see. Applying a fact twice changes nothing (upsert by its id), so activities
 * may retry and `db rebuild` may fold them again.
 */
import { z } from 'zod';
import { evaluationMetricsSchema } from './evaluation-metrics-schema.ts';
import {
  campaignIdSchema,
  countSchema,
  curriculumStateSchema,
  digestSchema,
  idSchema,
  instantSchema,
  numbersSchema,
} from './scalars.ts';
import { STAGE_STATUSES, STAGES } from './stages.ts';
import { CAMPAIGN_STATUSES, EVALUATION_STATUSES, ITERATION_STATUSES } from './statuses.ts';

/** The origin of a forked campaign: the result of an iteration of another campaign. */
export const forkOriginSchema = z
  .strictObject({
    campaignId: campaignIdSchema,
    iteration: countSchema,
    checkpoint: digestSchema,
    /** The origin of the other campaign's own start. */
    base: digestSchema,
    /** The other campaign's training problems and the state of its curriculum, which is kept if the problems are equal. */
    problems: digestSchema,
    cursor: curriculumStateSchema,
  })
  .readonly();
export type ForkOrigin = z.infer<typeof forkOriginSchema>;

const text = z.string().exactOptional();
const digest = digestSchema.exactOptional();
const count = countSchema.exactOptional();
const numbers = numbersSchema.exactOptional();
const ofIteration = { campaignId: campaignIdSchema, iteration: countSchema, at: instantSchema };

export const factSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('campaign'),
    id: campaignIdSchema,
    status: z.enum(CAMPAIGN_STATUSES),
    at: instantSchema,
    /** The whole configuration, exactly as the writing version stored it. */
    config: z.unknown().exactOptional(),
    reason: text,
    head: digest,
    iterationsDone: count,
    iterationsPlanned: count,
    forkedFrom: forkOriginSchema.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('iteration'),
    ...ofIteration,
    status: z.enum(ITERATION_STATUSES),
    from: digestSchema,
    /** Blob of the settings that it runs with. */
    config: digest,
    to: digest,
    metrics: numbers,
    reason: text,
  }),
  /** `iteration` 0 is the warm start and its evaluation. `counts` e.g. rollouts, newTokens, completed, violations per arm. */
  z.strictObject({
    kind: z.literal('stage'),
    ...ofIteration,
    stage: z.enum(STAGES),
    status: z.enum(STAGE_STATUSES),
    manifest: digest,
    counts: numbers,
    reason: text,
  }),
  z.strictObject({
    kind: z.literal('shard'),
    ...ofIteration,
    shard: countSchema,
    of: countSchema,
    manifest: digestSchema,
    counts: numbersSchema,
    /** Description of the sampler, e.g. `embedded onnxruntime-node 1.30.0, fp32`. */
    sampledBy: text,
  }),
  z.strictObject({ kind: z.literal('checkpoint'), ...ofIteration, digest: digestSchema, parent: digest }),
  /** A checkpoint was pinned or unpinned by a person, or its files were collected as garbage. */
  z.strictObject({
    kind: z.literal('checkpoint-mark'),
    digest: digestSchema,
    /** A campaign that made it: its journal has this fact. */
    campaignId: campaignIdSchema,
    at: instantSchema,
    mark: z.enum(['pinned', 'unpinned', 'collected']),
    by: text,
    /** For `collected`. */
    freedBytes: z.int().min(0).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('evaluation'),
    id: idSchema,
    campaignId: campaignIdSchema.exactOptional(),
    iteration: count,
    checkpoint: digestSchema,
    suite: z.string(),
    status: z.enum(EVALUATION_STATUSES),
    at: instantSchema,
    manifest: digest,
    metrics: evaluationMetricsSchema.exactOptional(),
    reason: text,
  }),
]);
export type Fact = Readonly<z.infer<typeof factSchema>>;
