/** Bodies, queries and path parameters of the API's requests. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { isDigest } from '../artifacts/digest.ts';
import type { Digest } from '../artifacts/types.ts';
import { FIGURE_SOURCES } from '../campaigns/make-report.ts';
import { campaignSchema } from '../config/campaign.ts';
import { TRACKER_NAMES } from '../config/tracker-names.ts';
import type { Request } from '../protocol/campaign-messages.ts';
import { REPLAY_STAGES } from '../protocol/stages.ts';
import { graderSchema } from '../replay/what-if-settings.ts';
import { PROBLEM_MARKS } from '../scoring/evaluated-problem.ts';

/** Fields of every request that steers a campaign. */
const asked = {
  by: z.string().min(1).max(200).optional().describe('The person or program that asks, for the journal'),
  requestId: z.string().min(1).max(200).optional().describe('Two requests with the same id are done once'),
};

export const askedBody = z.strictObject(asked);

/** Path parameter that names a campaign (its head), one of its iterations, or a checkpoint. */
export const forkBody = z.strictObject({
  by: asked.by,
  name: campaignSchema.shape.name.describe('Of the new campaign'),
  settings: z.record(z.string(), z.unknown()).default({}).describe('By full path, e.g. `strategy.alpha`'),
  iterations: z.int().min(1).optional().describe('To run; default: what the other has left, at least one'),
});

const settings = z.record(z.string().max(200), z.unknown()).describe('By full path, e.g. `strategy.alpha`');

export const resendBody = z.strictObject({
  tracker: z.enum(TRACKER_NAMES).optional().describe('Default: all trackers of the campaign'),
});

export const changeSettingsBody = z.strictObject({ ...asked, settings });

export const retryBody = z.strictObject({ ...asked, settings: settings.optional() });

export const replayBody = z.strictObject({
  ...asked,
  from: z.enum(REPLAY_STAGES).describe('The first stage that is done again'),
  settings: settings.default({}),
});

export const whatIfBody = z.strictObject({
  settings,
  limit: z.int().min(0).default(1000).describe('Problems and rollouts listed; the counts are of all'),
});

export const regradeBody = z.strictObject({
  grader: graderSchema.default({}).describe("Conventions that differ from the grader's defaults"),
});

export const collectBody = z.strictObject({
  dryRun: z.boolean().default(false),
  keepLast: z.int().min(1).max(10_000).default(3).describe('Newest checkpoints of each campaign that are kept'),
});

export const stopBody = z.strictObject({
  ...asked,
  when: z.enum(['now', 'after-iteration']).default('now').describe('`now` keeps the finished steps of the iteration'),
});

export const extendBody = z.strictObject({ ...asked, iterations: z.int().min(1).describe('Iterations to add') });

export const evaluationsQuery = z.strictObject({ campaign: z.string().optional(), checkpoint: z.string().optional() });

const campaignNames = z
  .string()
  .min(1)
  .max(10_000)
  .transform((text) => text.split(','))
  .describe('Names with commas between; `*` stands for any characters. Others are compared with the first group');

export const comparisonQuery = z.strictObject({
  campaigns: campaignNames,
  suite: z.string().optional().describe('Of the differences; default: the first that all groups were measured on'),
});

export const reportQuery = z.strictObject({
  campaigns: campaignNames,
  figures: z
    .enum(FIGURE_SOURCES)
    .default('recorded')
    .describe('`recomputed`: from the rollouts and grades in the store, else as they were recorded'),
});

export const checkpointsQuery = z.strictObject({ campaign: z.string().optional() });

/** Two campaigns, two evaluations, or two iterations. */
export const pairQuery = z.strictObject({ left: z.string(), right: z.string() });

export const eventsQuery = z.object({ campaign: z.string().optional().describe('Default: of any') });

export const checkStoreQuery = z.strictObject({
  deep: z.enum(['true', 'false']).default('false').describe('Reads every byte; else presence and length'),
});

export const forgetBody = z.strictObject({
  manifest: z
    .string()
    .refine((value): value is Digest => isDigest(value), 'give the key of a manifest')
    .describe('Key of the step, as `/api/store/check` names it'),
});

export const problemsQuery = z.strictObject({
  mark: z.enum(PROBLEM_MARKS).optional().describe('Only problems with this mark'),
});

export const problemQuery = z
  .strictObject({
    problem: z.string().describe('Its id in the iteration or evaluation'),
    campaign: z.string().optional().describe('Whose iterations and evaluations are listed'),
    iteration: z.coerce.number().int().min(0).optional().describe('Default: the latest with rollouts'),
    evaluation: z.string().optional().describe('Id, `eval/…`'),
  })
  .refine(({ campaign, evaluation }) => campaign !== undefined || evaluation !== undefined, {
    message: 'give a campaign or an evaluation',
  });

const iterationFrom = (least: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'give the number of an iteration')
    .transform(Number)
    .refine((iteration) => iteration >= least, `iterations count from ${least}`);

/** Iteration 0 is the warm start, which can't be replayed. */
export const iterationParam = z.object({ campaign: z.string(), iteration: iterationFrom(1) });

export const rolloutParam = z.object({ campaign: z.string(), iteration: iterationFrom(0), id: z.string() });

/** Sender and id of a request. The encrypted message carries the id, so a copy of it is recognised as a repetition. */
export const requestOf = ({ by, requestId }: z.output<typeof askedBody>): Request => ({
  ...(by === undefined ? {} : { by }),
  id: requestId ?? randomUUID(),
});

export type AskedBody = z.input<typeof askedBody>;
