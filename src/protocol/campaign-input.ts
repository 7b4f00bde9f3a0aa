/** What a run of a campaign begins with, and what it ends with: small and plain. */
import type { Digest } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import type { CurriculumState } from '../methods/curriculum.ts';
import type { CampaignState } from './campaign-state.ts';
import type { ForkOrigin } from './facts.ts';
import type { NoteOf } from './journal.ts';
import type { EndedStatus } from './statuses.ts';

/** The state of a curriculum that has taken nothing. */
export const CURRICULUM_START: CurriculumState = 0;

export interface CampaignInput {
  readonly campaignId: string;
  readonly config: CampaignConfig;
  /** Where to go on: after continue-as-new, an extension of an ended campaign, a recovery. */
  readonly state?: CampaignState;
  /** Settings that people changed for the iteration after the next; default: those of the state. */
  readonly nextConfig?: { readonly config: CampaignConfig; readonly digest: Digest };
  /** Default: the state's, else the configuration's. */
  readonly iterationsPlanned?: number;
  /** A new campaign that begins at another's result. */
  readonly forkedFrom?: ForkOrigin;
  readonly paused?: boolean;
  readonly stopsAfterIteration?: boolean;
  /** The step under way whose failures a person has accepted, as it calls itself, e.g. `iteration 3`. */
  readonly accepted?: string;
  /** Ids of the requests that were handled: a repeated one changes nothing. */
  readonly seenRequests?: readonly string[];
  /** The request of a person that began this run, for the journal. */
  readonly begunBy?: NoteOf<'recovered' | 'forked' | 'extended'>;
  /** Continues as new after so many, which bounds the time of a replay; default 20. */
  readonly iterationsPerRun?: number;
}

/** How a campaign ended; with its `state` a new run can go on. */
export interface CampaignResult {
  readonly status: EndedStatus;
  readonly reason?: string;
  /** As people have changed it. */
  readonly config?: CampaignConfig;
  readonly state?: CampaignState;
}
