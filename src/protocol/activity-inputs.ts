/** Schemas of the payloads: a worker refuses what it does not know instead of guessing. */
import { z } from 'zod';
import { isDigest } from '../artifacts/digest.ts';
import type { Digest } from '../artifacts/types.ts';
import { campaignSchema } from '../config/campaign.ts';
import type * as types from './activities.ts';
import { type Fact, factSchema } from './facts.ts';
import type * as replay from './replay-activities.ts';

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'not a digest');
const index = z.int().min(0);
const patience = { patienceMs: z.int().min(0) };
const json = z.record(z.string(), z.unknown());

export const openCampaignInput: z.ZodType<types.OpenCampaignInput> = z.strictObject({
  campaignId: z.string(),
  config: campaignSchema,
});
export const changeSettingsInput: z.ZodType<types.ChangeSettingsInput> = z.strictObject({
  config: digest,
  settings: json,
});
export const planIterationInput: z.ZodType<types.PlanIterationInput> = z.strictObject({
  iteration: index,
  config: digest,
  problems: digest,
  cursor: z.json(),
});
export const sampleTurnInput: z.ZodType<types.SampleTurnInput> = z.strictObject({
  checkpoint: digest,
  plan: digest,
  turn: index,
  ...patience,
  previous: z.strictObject({ turn: digest, executions: digest }).exactOptional(),
});
export const executeInput: z.ZodType<types.ExecuteInput> = z.strictObject({ turn: digest, ...patience });
export const executeFailedInput: z.ZodType<types.ExecuteFailedInput> = z.strictObject({
  turn: digest,
  mayRun: z.boolean(),
  ...patience,
});
export const executeBatchInput: z.ZodType<types.ExecuteBatchInput> = z.strictObject({
  config: digest,
  batch: digest,
  ...patience,
});
export const gradeShardInput: z.ZodType<types.GradeShardInput> = z.strictObject({
  plan: digest,
  rollouts: digest,
  retriesFailed: z.boolean(),
});
export const settleGradesInput: z.ZodType<types.SettleGradesInput> = z.strictObject({
  grades: digest,
  retriesFailed: z.boolean(),
  ...patience,
});
export const scoreInput: z.ZodType<types.ScoreInput> = z.strictObject({
  shards: z.array(digest),
  rolloutsPlanned: index,
});
export const curateInput: z.ZodType<types.CurateInput> = z.strictObject({
  iteration: index,
  config: digest,
  checkpoint: digest,
  score: digest,
});
export const trainInput: z.ZodType<types.TrainInput> = z.strictObject({
  iteration: index,
  config: digest,
  checkpoint: digest,
  curation: digest,
  ...patience,
});
export const openReplayInput: z.ZodType<replay.OpenReplayInput> = z.strictObject({
  campaignId: z.string(),
  iteration: index,
  settings: json,
});
const replayStep = { replay: z.string(), plan: digest };
export const replayStepInput: z.ZodType<replay.ReplayStepInput> = z.strictObject(replayStep);
export const replayShardInput: z.ZodType<replay.ReplayShardInput> = z.strictObject({ ...replayStep, shard: index });
export const resolveModelInput: z.ZodType<types.ResolveModelInput> = z.strictObject({ config: digest });
export const prepareWarmUpInput: z.ZodType<types.PrepareWarmUpInput> = z.strictObject({ config: digest, base: digest });
export const warmUpInput: z.ZodType<types.WarmUpInput> = z.strictObject({
  config: digest,
  base: digest,
  demonstrations: digest,
  executions: z.array(digest),
  ...patience,
});
export const describeEvaluationsInput: z.ZodType<types.DescribeEvaluationsInput> = z.strictObject({
  config: digest,
  checkpoint: digest,
});
export const planEvaluationInput: z.ZodType<types.PlanEvaluationInput> = z.strictObject({ spec: digest });
export const awaitEvaluationInput = z.strictObject({ workflowId: z.string() });
export const summariseEvaluationInput: z.ZodType<types.SummariseEvaluationInput> = z.strictObject({ score: digest });
export const collectCheckpointsInput: z.ZodType<types.CollectCheckpointsInput> = z.strictObject({
  campaignId: z.string(),
  keepLast: z.int().min(1),
});
export const webhookInput: z.ZodType<types.WebhookInput> = z.strictObject({
  url: z.url(),
  body: z.strictObject({
    campaign: z.string(),
    status: z.literal('blocked'),
    reason: z.string(),
    at: z.iso.datetime(),
  }),
});
export const recordFactsInput: z.ZodType<{ readonly facts: readonly Fact[] }> = z.strictObject({
  facts: z.array(factSchema),
});
