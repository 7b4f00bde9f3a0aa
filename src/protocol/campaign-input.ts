/** Input and result of a run of the campaign workflow, as small JSON. */
import type { Digest } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import type { CurriculumState } from '../methods/curriculum.ts';
import type { CampaignState } from './campaign-state.ts';
import type { ForkOrigin } from './facts.ts';
import type { NoteOf } from './journal.ts';
import type { EndedStatus } from './statuses.ts';

/** The state of a curriculum before the first iteration. */
export const CURRICULUM_START: CurriculumState = 0;

export interface CampaignInput {
  readonly campaignId: string;
  readonly config: CampaignConfig;
  /** The state to continue from: after continue-as-new, an extension of an ended campaign, or a recovery. */
  readonly state?: CampaignState;
  /** Settings that people changed for the iteration after the next; default: those of the state. */
  readonly nextConfig?: { readonly config: CampaignConfig; readonly digest: Digest };
  /** Default: the state's, else the configuration's. */
  readonly iterationsPlanned?: number;
  /** The origin of a forked campaign. */
  readonly forkedFrom?: ForkOrigin;
  readonly paused?: boolean;
  readonly stopsAfterIteration?: boolean;
  /** The name of the step under way whose failures a person has accepted, e.g. `iteration 3`. */
  readonly accepted?: string;
  /** Ids of the requests that were handled: a repeated one changes nothing. */
  readonly seenRequests?: readonly string[];
  /** The request of a person that began this run, for the journal. */
  readonly begunBy?: NoteOf<'recovered' | 'forked' | 'extended'>;
  /** Iterations before the workflow continues as new, which bounds the time of a history replay; default 20. */
  readonly iterationsPerRun?: number;
}

/** The end of a campaign; a new run can continue from its `state`. */
export interface CampaignResult {
  readonly status: EndedStatus;
  readonly reason?: string;
  /** Includes the changes that people made. */
  readonly config?: CampaignConfig;
  readonly state?: CampaignState;
}
