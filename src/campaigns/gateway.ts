/** The interface to running workflows: the only access that use cases have to the orchestrator. */

import type { Settings } from '../config/settings.ts';
import type { EvaluationRequest } from '../protocol/activities.ts';
import type { CampaignInput } from '../protocol/campaign-input.ts';
import type { CampaignView, Request, SettingsChange } from '../protocol/campaign-messages.ts';
import type { Progress } from '../protocol/progress.ts';
import type { ReplayInput, ReplayProgress } from '../protocol/replay-messages.ts';
import type { ReplayReport } from '../protocol/replay-report.ts';

/** The current position of a campaign. Facts hold what has finished; this holds what is under way. */
export interface LiveStatus extends CampaignView {
  /** Progress of the training under way, including the warm-up. */
  readonly progress?: Progress;
  /** Why a step waits for one of its parts; absent while all steps work. */
  readonly waiting?: string;
}

export type BlockAnswer = 'retry' | 'accept' | 'abort';

/** The current state of a replay; `reason` explains a failed one. */
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
 * @throws UseCaseError `not-found` when no workflow of that id runs, `conflict` when the workflow refuses, `unavailable`
 * when the orchestrator can't be reached
 */
export interface WorkflowGateway {
  /** Starts a new campaign, or a new run that continues an earlier one. */
  startCampaign(input: CampaignInput): Promise<void>;
  /** `missing`: the orchestrator has no run of it. Gives up after a second when the orchestrator can't be reached. */
  readRunState(id: string): Promise<RunState>;
  /** The same for an evaluation. */
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
   * Answers a blocked campaign: `retry` repeats the failed step, `accept` continues without the rollouts that were lost
   * to infrastructure, `abort` ends the campaign as failed.
   */
  answerBlock(id: string, answer: BlockAnswer, request: Request & { readonly settings?: Settings }): Promise<void>;
  /** Changes hyper-parameters from the next iteration on. */
  changeSettings(id: string, request: Request & { readonly settings: Settings }): Promise<SettingsChange>;
  /** Joins an equal replay that is under way. Returns its id. */
  startReplay(input: ReplayInput): Promise<string>;
  readReplay(id: string): Promise<ReplayState>;
  /** Iterations that have a replay under way. */
  listOpenReplays(): Promise<readonly ReplayedIteration[]>;
  /** Undefined when no such campaign runs, or it can't answer. */
  readStatus(id: string): Promise<LiveStatus | undefined>;
  /**
   * Starts an evaluation. Equal requests have equal ids: the second joins the first, and results are reused.
   * `hasFailed`: the last run has recorded its failure or cancellation, so this call waits for its end before it starts.
   */
  startEvaluation(request: EvaluationRequest, hasFailed: boolean): Promise<void>;
  /** Cancels it. Finished shards are kept; an equal request continues from them. */
  cancelEvaluation(id: string): Promise<void>;
  /** Throws when the orchestrator can't be reached. */
  check(): Promise<void>;
  close(): Promise<void>;
}
