/** The result of a replay: the comparison of each replayed step with the stored one. */
import type { Digest } from '../artifacts/types.ts';
import type { SettingChange } from '../config/settings.ts';
import type { ReplayStage } from './stages.ts';

/** The first difference between the stored output and the replayed one. */
export interface Difference {
  /** Output of the step: `tokens`, `summary`, `grades`, `checkpoint`, … */
  readonly output: string;
  /** Rollout, problem or file that differs; absent if the difference is one of the whole step. */
  readonly item?: string;
  /** e.g. `completionIds[12]`, `segments[1].text`, `model.layers.0.mlp.up_proj.weight[7]`. */
  readonly field: string;
  /** Both as short texts. */
  readonly stored: string;
  readonly now: string;
  /** The digest of the stored bytes is not the one that they are stored under: they were changed after they were written. */
  readonly isDamaged?: true;
}

/** The deviation of numbers that are within tolerance but not equal bit by bit. */
export interface Deviation {
  /** The compared numbers, e.g. `log-probs`, `weights, of the length of the update`. */
  readonly of: string;
  readonly largest: number;
  readonly allowed: number;
}

export const STEP_VERDICTS = [
  /** Byte for byte. */
  'identical',
  'within-tolerance',
  'different',
  /** It can't be replayed, since bytes that it reads are damaged or missing. */
  'unreadable',
  /** No stored step to compare with: the iteration did not get there. */
  'not-stored',
  /** The replayed step failed. */
  'failed',
] as const;
export type StepVerdict = (typeof STEP_VERDICTS)[number];

/** `identical`: every step is identical. `within-tolerance`: all other steps deviate within their tolerances. */
export const REPORT_VERDICTS = ['identical', 'within-tolerance', 'different', 'incomplete'] as const;
export type ReportVerdict = (typeof REPORT_VERDICTS)[number];

export interface StepComparison {
  readonly stage: ReplayStage;
  /** e.g. `shard 3, turn 1`; empty for a stage of one step. */
  readonly step: string;
  readonly verdict: StepVerdict;
  readonly difference?: Difference;
  readonly deviations?: readonly Deviation[];
  /** Dependencies of the step's result that changed: settings, versions of the grader or the sandbox. */
  readonly changed?: readonly SettingChange[];
  /** Of `unreadable` and `failed`. */
  readonly reason?: string;
  /** The metrics of a training. */
  readonly metrics?: Readonly<Record<string, number>>;
}

export interface StageComparison {
  readonly stage: ReplayStage;
  /** Steps by verdict. */
  readonly counts: Readonly<Partial<Record<StepVerdict, number>>>;
}

export interface ReplayReport {
  readonly campaignId: string;
  readonly iteration: number;
  readonly from: ReplayStage;
  readonly verdict: ReportVerdict;
  readonly stages: readonly StageComparison[];
  /** The training, and the first hundred steps that are not identical, in order. */
  readonly steps: readonly StepComparison[];
}

/** The stored steps of one shard of an iteration. */
export interface StoredShard {
  /** Blob of the shard's plan. */
  readonly plan: Digest;
  readonly rollouts: number;
  /** Manifests of its turns, the first first. */
  readonly turns: readonly Digest[];
  /** Manifests of executions, each with the turn whose code it ran. */
  readonly executions: readonly { readonly turn: Digest; readonly execution: Digest }[];
  readonly grades?: Digest;
}

/** The stored steps of an iteration; stages that it did not reach are absent. */
export interface StoredIteration {
  readonly campaignId: string;
  readonly iteration: number;
  /** Blob of the settings that it ran with. */
  readonly config: Digest;
  /** Checkpoint that it started from. */
  readonly checkpoint: Digest;
  readonly plan: Digest;
  readonly shards: readonly StoredShard[];
  readonly score?: Digest;
  readonly curation?: Digest;
  readonly training?: Digest;
  /** As recorded when the iteration ended. */
  readonly metrics: Readonly<Record<string, number>>;
}
