/** Bodies and queries that the API takes. */

import { z } from 'zod';
import { campaignSchema } from '../config/campaign.ts';
import type { Request } from '../protocol/campaign-messages.ts';
import { REPLAY_STAGES } from '../protocol/stages.ts';
import { graderSchema } from '../replay/what-if-settings.ts';

/** Of whatever a person asks a campaign to do. */
const asked = {
  by: z.string().min(1).max(200).optional().describe('Who asks, for the journal'),
  requestId: z.string().min(1).max(200).optional().describe('Asked twice with the same id, it is done once'),
};

export const askedBody = z.strictObject(asked);

/** Of a campaign (its head), one of its iterations, or a checkpoint, named in the path. */
export const forkBody = z.strictObject({
  by: asked.by,
  name: campaignSchema.shape.name.describe('Of the new campaign'),
  settings: z.record(z.string(), z.unknown()).default({}).describe('By full path, e.g. `strategy.alpha`'),
  iterations: z.int().min(1).optional().describe('To run; default: what the other has left, at least one'),
});

const settings = z.record(z.string().max(200), z.json()).describe('By full path, e.g. `strategy.alpha`');

export const changeSettingsBody = z.strictObject({ ...asked, settings });

export const retryBody = z.strictObject({ ...asked, settings: settings.optional() });

/** Of a block, other than by a retry. */
export const answerBody = z.strictObject({ ...asked, settings: z.undefined().optional() });

export const replayBody = z.strictObject({
  ...asked,
  from: z.enum(REPLAY_STAGES).describe('Does this stage and those behind it again'),
  settings: settings.default({}),
});

export const whatIfBody = z.strictObject({
  settings,
  limit: z.int().min(0).default(1000).describe('Problems and rollouts listed; the counts are of all'),
});

export const regradeBody = z.strictObject({
  grader: graderSchema.partial().default({}).describe("Conventions that differ from the grader's defaults"),
});

export const diffQuery = z.strictObject({ left: z.string(), right: z.string() });

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

export const compareQuery = z.strictObject({ left: z.string(), right: z.string() });

export type CollectBody = z.input<typeof collectBody>;
export type ForkBody = z.input<typeof forkBody>;
/** As a campaign takes it. */
export const requestOf = ({ by, requestId }: z.output<typeof askedBody>): Request => ({
  ...(by === undefined ? {} : { by }),
  ...(requestId === undefined ? {} : { id: requestId }),
});

export type AskedBody = z.input<typeof askedBody>;
export type ChangeSettingsBody = z.input<typeof changeSettingsBody>;
export type RetryBody = z.input<typeof retryBody>;
export type ReplayBody = z.input<typeof replayBody>;
export type WhatIfBody = z.input<typeof whatIfBody>;
export type RegradeBody = z.input<typeof regradeBody>;
