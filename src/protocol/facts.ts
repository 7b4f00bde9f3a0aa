/**
 * Facts to look at: what workflows tell the database. Applying a fact twice changes nothing (upsert by its id), so
 * activities may retry and `db rebuild` may fold them again.
 */
import type { Digest } from '../artifacts/types.ts';
import type { CurriculumState } from '../methods/curriculum.ts';
import type { EvaluationMetrics } from './evaluation-metrics.ts';

import type { StageName, StageStatus } from './stages.ts';
import type { CampaignStatus, EvaluationStatus, IterationStatus } from './statuses.ts';

/** Where a forked campaign begins: the result of an iteration of another campaign. */
export interface ForkOrigin {
  readonly campaignId: string;
  readonly iteration: number;
  readonly checkpoint: Digest;
  /** What the other campaign's own start was made from. */
  readonly base: Digest;
  /** The other's training problems, and the state of its curriculum: kept where the problems are the same. */
  readonly problems: Digest;
  readonly cursor: CurriculumState;
}

export type Fact =
  | {
      readonly kind: 'campaign';
      readonly id: string;
      readonly status: CampaignStatus;
      readonly at: string;
      readonly config?: unknown;
      readonly reason?: string;
      readonly head?: Digest;
      readonly iterationsDone?: number;
      readonly iterationsPlanned?: number;
      readonly forkedFrom?: ForkOrigin;
    }
  | {
      readonly kind: 'iteration';
      readonly campaignId: string;
      readonly iteration: number;
      readonly status: IterationStatus;
      readonly at: string;
      readonly from: Digest;
      /** Blob of the settings that it runs with. */
      readonly config?: Digest;
      readonly to?: Digest;
      readonly metrics?: Readonly<Record<string, number>>;
      readonly reason?: string;
    }
  /** `iteration` 0 is the warm start and its evaluation. `counts` e.g. rollouts, newTokens, completed, violations per arm. */
  | {
      readonly kind: 'stage';
      readonly campaignId: string;
      readonly iteration: number;
      readonly stage: StageName;
      readonly status: StageStatus;
      readonly at: string;
      readonly manifest?: Digest;
      readonly counts?: Readonly<Record<string, number>>;
      readonly reason?: string;
    }
  | {
      readonly kind: 'shard';
      readonly campaignId: string;
      readonly iteration: number;
      readonly shard: number;
      readonly of: number;
      readonly at: string;
      readonly manifest: Digest;
      readonly counts: Readonly<Record<string, number>>;
      /** What sampled it, in words. */
      readonly sampledBy?: string;
    }
  | {
      readonly kind: 'checkpoint';
      readonly digest: Digest;
      readonly campaignId: string;
      readonly iteration: number;
      readonly parent?: Digest;
      readonly at: string;
    }
  /** A checkpoint was pinned or unpinned by a person, or its files were collected as garbage. */
  | {
      readonly kind: 'checkpoint-mark';
      readonly digest: Digest;
      /** A campaign that made it: whose journal has this. */
      readonly campaignId: string;
      readonly at: string;
      readonly mark: 'pinned' | 'unpinned' | 'collected';
      readonly by?: string;
      /** Of `collected`. */
      readonly freedBytes?: number;
    }
  | {
      readonly kind: 'evaluation';
      readonly id: string;
      readonly campaignId?: string;
      readonly iteration?: number;
      readonly checkpoint: Digest;
      readonly suite: string;
      readonly status: EvaluationStatus;
      readonly at: string;
      readonly manifest?: Digest;
      readonly metrics?: EvaluationMetrics;
      readonly reason?: string;
    };
