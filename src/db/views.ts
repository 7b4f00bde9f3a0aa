/** Views for pages, the API and the CLI: plain JSON, instants as ISO strings, durations in seconds. */

import type { Counts } from '../protocol/counts.ts';
import type { EvaluationMetrics } from '../protocol/evaluation-metrics.ts';
import type { ForkOrigin } from '../protocol/facts.ts';
import type { StageName, StageStatus } from '../protocol/stages.ts';
import type { CampaignStatus } from '../protocol/statuses.ts';
import type { Alarm } from '../scoring/alarm.ts';

export interface CampaignSummary {
  readonly id: string;
  readonly status: CampaignStatus;
  readonly reason?: string;
  readonly method?: string;
  readonly model?: string;
  readonly head?: string;
  readonly iterationsDone: number;
  readonly iterationsPlanned?: number;
  readonly forkedFrom?: ForkOrigin;
  /** The campaign should be running, but the orchestrator has no run of it: `campaign recover` resumes it. Set by the server. */
  readonly lost?: true;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Evaluation of the first configured suite, at the latest evaluated iteration. */
  readonly latest?: EvaluationView;
  /** Alarms from the latest sampling, curation, training and evaluation. */
  readonly alarms: readonly Alarm[];
}

export interface StageView {
  readonly stage: StageName;
  readonly status: StageStatus;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Absent while it runs. */
  readonly seconds?: number;
  readonly manifest?: string;
  readonly counts?: Counts;
  readonly reason?: string;
}

export interface IterationView {
  /** 0 is the warm start and its evaluation. */
  readonly iteration: number;
  readonly status: 'running' | 'completed' | 'failed' | 'no-signal';
  readonly from?: string;
  readonly to?: string;
  readonly metrics?: Counts;
  readonly reason?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly seconds?: number;
  readonly stages: readonly StageView[];
  readonly shardsDone: number;
  readonly shardsPlanned: number;
  readonly lastShardAt?: string;
  /** Manifests of the shards that are done, newest first. */
  readonly shardManifests: readonly string[];
  /** Description of the sampler; absent until a shard is done. */
  readonly sampledBy?: readonly string[];
  /** Counts of the shards that are done, summed. */
  readonly counts: Counts;
}

export interface CheckpointView {
  readonly digest: string;
  readonly campaignId: string;
  readonly iteration: number;
  readonly parent?: string;
  readonly createdAt: string;
  readonly pinned?: true;
  /** When its files were garbage-collected, unless they were recomputed since. The entry remains for the lineage. */
  readonly collectedAt?: string;
  /** The first of a forked campaign: the campaign and iteration that it is from, e.g. `math/3`. */
  readonly forkedFrom?: string;
}

export interface EvaluationView {
  readonly id: string;
  readonly checkpoint: string;
  readonly suite: string;
  readonly status: StageStatus;
  /** The evaluation should be running, but the orchestrator has no run of it: a new request resumes it. Set by the server. */
  readonly lost?: true;
  /** Absent for an evaluation that no iteration asked for. */
  readonly iteration?: number;
  /** In lists of all evaluations: who asked for it, as `math/3`, or `math` on demand. */
  readonly askedBy?: readonly string[];
  readonly manifest?: string;
  readonly metrics?: EvaluationMetrics;
  readonly reason?: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly seconds?: number;
}

export interface CampaignDetail extends CampaignSummary {
  readonly config?: unknown;
  readonly iterations: readonly IterationView[];
  readonly checkpoints: readonly CheckpointView[];
  readonly evaluations: readonly EvaluationView[];
}
