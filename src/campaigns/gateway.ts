/** What the server asks of running workflows: its only view of the orchestration. */

import type { Settings } from '../config/settings.ts';
import type { EvaluationRequest } from '../protocol/activities.ts';
import type { CampaignInput } from '../protocol/campaign-input.ts';
import type { CampaignView, Request, SettingsChange } from '../protocol/campaign-messages.ts';
import type { Progress } from '../protocol/progress.ts';
import type { ReplayInput, ReplayProgress } from '../protocol/replay-messages.ts';
import type { ReplayReport } from '../protocol/replay-report.ts';

/** Where a campaign is right now. Facts say what was finished; this says what is under way. */
export interface LiveStatus extends CampaignView {
  /** Of the training under way, warm-up included. */
  readonly progress?: Progress;
}

export type BlockAnswer = 'retry' | 'accept' | 'abort';

/** A replay as it is now; `reason` says why one failed. */
export type ReplayState =
  | { readonly status: 'running'; readonly progress?: ReplayProgress }
  | { readonly status: 'completed'; readonly report: ReplayReport }
  | { readonly status: 'failed'; readonly reason: string };

export interface ReplayedIteration {
  readonly campaignId: string;
  readonly iteration: number;
}

export type RunState = 'running' | 'completed' | 'failed' | 'missing';

/**
 * Throws `UseCaseError`: `not-found` when nothing of that id runs, `conflict` when the workflow refuses, `unavailable` when
 * the orchestrator can't be reached.
 */
export interface WorkflowGateway {
  /** A new campaign, or a new run that goes on where an earlier one was. */
  startCampaign(input: CampaignInput): Promise<void>;
  /** `missing`: the orchestrator knows no run of it. Gives up after a second where the orchestrator is away. */
  readRunState(id: string): Promise<RunState>;
  /** The same of an evaluation. */
  readEvaluationState(id: string): Promise<RunState>;
  pauseCampaign(id: string, request: Request): Promise<void>;
  resumeCampaign(id: string, request: Request): Promise<void>;
  /** `now` cancels what is under way (finished steps are kept), `after-iteration` lets the iteration end. */
  stopCampaign(id: string, when: 'now' | 'after-iteration', request: Request): Promise<void>;
  /** Adds iterations to the plan, and starts the campaign again from `goOn` if it had ended. Returns the new total. */
  extendCampaign(
    id: string,
    request: Request & { readonly iterations: number },
    goOn: () => Promise<CampaignInput | undefined>,
  ): Promise<number>;
  /**
   * Of a blocked campaign: `retry` does what failed once more, `accept` goes on without the rollouts that were lost to
   * infrastructure, `abort` ends it as failed.
   */
  answerBlock(id: string, answer: BlockAnswer, request: Request & { readonly settings?: Settings }): Promise<void>;
  /** Changes hyper-parameters from the next iteration on. */
  changeSettings(id: string, request: Request & { readonly settings: Settings }): Promise<SettingsChange>;
  /** Joins an equal replay that is under way. Returns its id. */
  startReplay(input: ReplayInput): Promise<string>;
  readReplay(id: string): Promise<ReplayState>;
  /** Iterations of which a replay is under way. */
  listOpenReplays(): Promise<readonly ReplayedIteration[]>;
  /** Undefined when no such campaign runs, or it can't answer now. */
  readStatus(id: string): Promise<LiveStatus | undefined>;
  /**
   * Equal requests have equal ids: the second joins the first, and what was measured stays measured. `hasFailed`: the
   * last run has recorded that it failed or was cancelled, so this call waits for its end and does not join it.
   */
  startEvaluation(request: EvaluationRequest, hasFailed: boolean): Promise<void>;
  /** Ends it where it is; its finished shards are kept, and asking again goes on from them. */
  cancelEvaluation(id: string): Promise<void>;
  /** Throws when the orchestrator can't be reached. */
  check(): Promise<void>;
  close(): Promise<void>;
}
