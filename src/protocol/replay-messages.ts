/** What starts a replay, and what it answers while it runs. */
import type { Settings } from '../config/settings.ts';
import type { Request } from './campaign-messages.ts';
import type { ReplayStage } from './stages.ts';

export interface ReplayInput extends Request {
  readonly campaignId: string;
  readonly iteration: number;
  readonly from: ReplayStage;
  /** Settings of the curation and the training that are not as they were. */
  readonly settings: Settings;
}

export interface ReplayProgress {
  readonly done: number;
  readonly total: number;
}
