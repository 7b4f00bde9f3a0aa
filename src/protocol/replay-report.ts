/** The result of a replay: each step that ran again, compared with what is stored of it. */
import type { Digest } from '../artifacts/types.ts';
import type { SettingChange } from '../config/settings.ts';
import type { ReplayStage } from './stages.ts';

/** The first place in which what is stored and what came out now part. */
export interface Difference {
  /** Output of the step: `tokens`, `summary`, `grades`, `checkpoint`, … */
  readonly output: string;
  /** Rollout, problem or file that it is of; absent where it is of the step as a whole. */
  readonly item?: string;
  /** e.g. `completionIds[12]`, `segments[1].text`, `model.layers.0.mlp.up_proj.weight[7]`. */
  readonly field: string;
  /** Both as short texts. */
  readonly stored: string;
  readonly now: string;
  /** The stored bytes don't have the digest that they are stored under: they were changed after they were written. */
  readonly isDamaged?: true;
}

/** Of equal tokens or trainings whose numbers are not equal bit by bit. */
export interface Deviation {
  /** What was measured, e.g. `log-probs`, `weights, of the length of the update`. */
  readonly of: string;
  readonly largest: number;
  readonly allowed: number;
}

export const STEP_VERDICTS = [
  /** Byte for byte. */
  'identical',
  'within-tolerance',
  'different',
  /** It can't be done again, since bytes that it reads are damaged or missing. */
  'unreadable',
  /** Nothing is stored to compare with: the iteration did not get there. */
  'not-stored',
  /** Doing it again failed. */
  'failed',
] as const;
export type StepVerdict = (typeof STEP_VERDICTS)[number];

/** `identical`: every step is. `within-tolerance`: those that are not deviate by no more than is allowed. */
export const REPORT_VERDICTS = ['identical', 'within-tolerance', 'different', 'incomplete'] as const;
export type ReportVerdict = (typeof REPORT_VERDICTS)[number];

export interface StepComparison {
  readonly stage: ReplayStage;
  /** e.g. `shard 3, turn 1`; empty for a stage of one step. */
  readonly step: string;
  readonly verdict: StepVerdict;
  readonly difference?: Difference;
  readonly deviations?: readonly Deviation[];
  /** What the step's result depends on and is not as it was: settings, versions of the grader or the sandbox. */
  readonly changed?: readonly SettingChange[];
  /** Of `unreadable` and `failed`. */
  readonly reason?: string;
  /** Of a training: what it measured. */
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
  /** Steps that are not identical, in order, at most a hundred; the first is where things part. And the training. */
  readonly steps: readonly StepComparison[];
}

/** What is stored of one shard of an iteration. */
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

/** What is stored of an iteration; later stages are absent where it did not get there. */
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
