/** Statuses of a campaign, an iteration and an evaluation. */

/** A campaign whose workflow is still open: it can be paused, extended, stopped, or answered when it is blocked. */
export const OPEN_STATUSES = ['running', 'paused', 'blocked'] as const;
export type OpenStatus = (typeof OPEN_STATUSES)[number];

/** A campaign whose workflow has ended. */
const ENDED_STATUSES = ['completed', 'stopped', 'no-signal', 'failed'] as const;
export type EndedStatus = (typeof ENDED_STATUSES)[number];

export const CAMPAIGN_STATUSES = [...OPEN_STATUSES, ...ENDED_STATUSES] as const;
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

export const ITERATION_STATUSES = ['running', 'completed', 'failed', 'no-signal'] as const;
export type IterationStatus = (typeof ITERATION_STATUSES)[number];

export const EVALUATION_STATUSES = ['running', 'completed', 'failed'] as const;
export type EvaluationStatus = (typeof EVALUATION_STATUSES)[number];

export function isOpenStatus(status: CampaignStatus): status is OpenStatus {
  return (OPEN_STATUSES as readonly string[]).includes(status);
}
