/** The input of the replay workflow, and its status while it runs. */
import type { Settings } from '../config/settings.ts';
import type { Request } from './campaign-messages.ts';
import type { ReplayStage } from './stages.ts';

export interface ReplayInput extends Request {
  readonly campaignId: string;
  readonly iteration: number;
  readonly from: ReplayStage;
  /** Changed settings of the curation and the training. */
  readonly settings: Settings;
}

export interface ReplayProgress {
  readonly done: number;
  readonly total: number;
}
