/** Requests to a running campaign and their answers. workflows/messages.ts defines the signals, updates and queries. */
import type { Digest } from '../artifacts/types.ts';
import type { SettingChange, Settings } from '../config/settings.ts';
import type { FailureType } from './failures.ts';
import type { StageName } from './stages.ts';
import type { CampaignStatus } from './statuses.ts';

export interface Request {
  /** The person or program that sends it, for the journal, e.g. `ada@lovelace`. */
  readonly by?: string;
  /** Id of the request itself: two requests with the same id are handled once. */
  readonly id?: string;
}

/** Actor and id of a request, as the journal records them, so that a recovered campaign skips handled requests. */
export function requestInJournal({ by, id }: Request): { by?: string; updateId?: string } {
  return { ...(by === undefined ? {} : { by }), ...(id === undefined ? {} : { updateId: id }) };
}

/** Number of request ids that continue-as-new carries, each of about 40 characters: enough for a campaign's lifetime. */
export const REQUESTS_REMEMBERED = 200;

/** `now` cancels the iteration under way (its finished steps are kept), `after-iteration` lets it end. */
export type StopTime = 'now' | 'after-iteration';

export type StopRequest = Request & { readonly when: StopTime };
export type ExtendRequest = Request & { readonly iterations: number };
export type SettingsRequest = Request & { readonly settings: Settings };
export type RetryRequest = Request & { readonly settings?: Settings };

/** The result of a change of settings. */
export interface SettingsChange {
  /** The first iteration that has them. */
  readonly fromIteration: number;
  readonly changes: readonly SettingChange[];
  /** Blob of the configuration from then on. */
  readonly config: Digest;
}

/** Progress of the current iteration. The iteration sends it about twenty times, and answers its own query with it. */
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
  /** For a blocked campaign: the type of the failure; `over-budget` can be accepted. */
  readonly failure?: FailureType;
  /** Iteration under way; 0 = warm-up and evaluation of the first checkpoint. */
  readonly iteration: number;
  readonly attempt: number;
  readonly stage: StageName;
  readonly shardsDone: number;
  readonly shards: number;
  readonly iterationsDone: number;
  readonly iterationsPlanned: number;
  readonly paused: boolean;
  readonly head?: Digest;
  /** Workflow id of the iteration, warm-up or evaluation under way; it answers queries for details. */
  readonly child?: string;
}

/** Failure type that informs a campaign that the evaluation it waits for was cancelled. */
export const EVALUATION_CANCELLED = 'evaluation-cancelled';
