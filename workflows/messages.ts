/** What may be said to a running campaign. Clients import this file; it pulls no workflow code. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Digest } from '../src/artifacts/types.ts';
import type { SettingChange, Settings } from '../src/config/settings.ts';
import type { CampaignStatus, StageName } from '../src/protocol/facts.ts';
import type { FailureType } from '../src/protocol/failures.ts';

export interface Request {
  /** Who did it, for the journal, e.g. `ada@lovelace`. */
  readonly by?: string;
  /** Of the request itself: asked twice with the same id, it is done once. */
  readonly id?: string;
}

/** Enough for every request of a campaign's life; each is an id of some 40 characters that continue-as-new carries. */
export const REQUESTS_REMEMBERED = 200;

/** What a change of settings came to. */
export interface SettingsChange {
  /** The first iteration that has them. */
  readonly fromIteration: number;
  readonly changes: readonly SettingChange[];
  /** Blob of the configuration from then on. */
  readonly config: Digest;
}

/** How far the current iteration is; sent by it at most some twenty times, and the answer to its own query. */
export interface IterationProgress {
  readonly iteration: number;
  readonly attempt: number;
  readonly stage: StageName;
  readonly shardsDone: number;
  readonly shards: number;
  readonly rollouts: number;
}

export interface CampaignView {
  readonly campaignId: string;
  readonly status: CampaignStatus;
  /** Why it is blocked, failed or without signal. */
  readonly reason?: string;
  /** Of a blocked one: what kind of failure it was; `over-budget` can be accepted. */
  readonly failure?: FailureType;
  /** Iteration under way; 0 = warm-up and evaluation of the start. */
  readonly iteration: number;
  readonly attempt: number;
  readonly stage: StageName;
  readonly shardsDone: number;
  readonly shards: number;
  readonly iterationsDone: number;
  readonly iterationsPlanned: number;
  readonly paused: boolean;
  readonly head?: Digest;
  /** Workflow to ask for more: the iteration, warm-up or evaluation under way. */
  readonly child?: string;
}

export const statusQuery = defineQuery<CampaignView>('status');
export const progressQuery = defineQuery<IterationProgress>('progress');

/** Begins no further step; what is in flight is finished and kept. Of a campaign, and from there of all that works for it. */
export const pauseSignal = defineSignal<[Request]>('pause');
export const resumeSignal = defineSignal<[Request]>('resume');
/** `now` cancels the iteration under way (its finished steps are kept), `after-iteration` lets it end. */
export const stopSignal = defineSignal<[Request & { readonly when: 'now' | 'after-iteration' }]>('stop');
/** From an iteration to its campaign. */
export const progressSignal = defineSignal<[IterationProgress]>('progress-made');

/** Plans more iterations; answers with the new total. */
export const extendUpdate = defineUpdate<{ iterationsPlanned: number }, [Request & { readonly iterations: number }]>(
  'extend',
);
/** Changes hyper-parameters from the next iteration on. */
export const changeSettingsUpdate = defineUpdate<SettingsChange, [Request & { readonly settings: Settings }]>(
  'changeSettings',
);
/** Of a blocked campaign: does what failed once more, with other settings if given (steps that are done are not repeated). */
export const retryIterationUpdate = defineUpdate<void, [Request & { readonly settings?: Settings }]>('retryIteration');
/** Of a campaign that is blocked since too many rollouts were lost to infrastructure: goes on without them. */
export const acceptFailuresUpdate = defineUpdate<void, [Request]>('acceptFailures');
/** Of a blocked campaign: ends it as failed; the head stays what it was. */
export const abortIterationUpdate = defineUpdate<void, [Request]>('abortIteration');

/** Failure type by which a campaign hears that the evaluation that it waits for was cancelled. */
export const EVALUATION_CANCELLED = 'evaluation-cancelled';

export const campaignWorkflowId = (campaignId: string): string => `campaign/${campaignId}`;
export const iterationWorkflowId = (campaignId: string, iteration: number, attempt: number): string =>
  `campaign/${campaignId}/iteration/${iteration}/attempt/${attempt}`;
export const warmUpWorkflowId = (campaignId: string, attempt: number): string =>
  `campaign/${campaignId}/warm-up/attempt/${attempt}`;
export const shardWorkflowId = (parentId: string, shard: number): string => `${parentId}/shard/${shard}`;
