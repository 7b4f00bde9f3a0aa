/** What the server asks of running workflows: its only view of the orchestration. */

import type { EvaluationRequest } from '../../activities/types.ts';
import type { CampaignInput } from '../../workflows/campaign-state.ts';
import type { CampaignView } from '../../workflows/messages.ts';

/** Where a campaign is right now. Facts say what was finished; this says what is under way. */
export type LiveStatus = CampaignView;

export type RunState = 'running' | 'completed' | 'failed' | 'missing';

/**
 * Throws `ApiError`: `not-found` when nothing of that id runs, `conflict` when the workflow refuses, `unavailable` when
 * the orchestrator can't be reached.
 */
export interface WorkflowGateway {
  /** A new campaign, or a new run that goes on where an earlier one was. */
  startCampaign(input: CampaignInput): Promise<void>;
  /** `missing`: the orchestrator knows no run of it. Gives up after a second where the orchestrator is away. */
  readRunState(id: string): Promise<RunState>;
  pauseCampaign(id: string): Promise<void>;
  resumeCampaign(id: string): Promise<void>;
  /** `now` cancels what is under way (finished steps are kept), `after-iteration` lets the iteration end. */
  stopCampaign(id: string, when: 'now' | 'after-iteration'): Promise<void>;
  /** Adds iterations to the plan, and starts the campaign again from `goOn` if it had ended. Returns the new total. */
  extendCampaign(id: string, iterations: number, goOn: () => Promise<CampaignInput | undefined>): Promise<number>;
  /** Of a blocked campaign: `retry` does what failed once more, `abort` ends it as failed. */
  answerBlock(id: string, answer: 'retry' | 'abort'): Promise<void>;
  /** Undefined when no such campaign runs, or it can't answer now. */
  readStatus(id: string): Promise<LiveStatus | undefined>;
  /** Equal requests have equal ids: whoever is second joins the first. */
  startEvaluation(request: EvaluationRequest): Promise<void>;
  /** Ends it where it is; its finished shards are kept, and asking again goes on from them. */
  cancelEvaluation(id: string): Promise<void>;
  /** Throws when the orchestrator can't be reached. */
  check(): Promise<void>;
  close(): Promise<void>;
}
