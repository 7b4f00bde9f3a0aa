/** What a campaign carries from run to run: small, plain, enough to go on from the artifact store alone. */
import type { Digest } from '../src/artifacts/types.ts';
import type { CampaignConfig } from '../src/config/campaign.ts';
import type { CampaignStatus } from '../src/db/facts.ts';

export interface CampaignState {
  /** Blobs that `openCampaign` made. */
  readonly config: Digest;
  readonly problems: Digest;
  readonly base: Digest;
  /** The newest checkpoint; absent until the warm-up is done. */
  readonly head?: Digest;
  readonly isStartEvaluated: boolean;
  readonly iterationsDone: number;
  readonly iterationsPlanned: number;
  /** Position in the endless row of permutations of the problems. */
  readonly cursor: number;
}

export interface CampaignInput {
  readonly campaignId: string;
  readonly config: CampaignConfig;
  /** Where to go on: after continue-as-new, an extension of an ended campaign, a recovery. */
  readonly state?: CampaignState;
  readonly paused?: boolean;
  readonly seenUpdates?: readonly string[];
}

/** How a campaign ended; with its `state` a new run can go on. */
export interface CampaignResult {
  readonly status: Extract<CampaignStatus, 'completed' | 'stopped' | 'no-signal' | 'failed'>;
  readonly reason?: string;
  /** As people have changed it. */
  readonly config?: CampaignConfig;
  readonly state?: CampaignState;
}
