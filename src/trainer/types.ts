/**
 * The contract between the TypeScript side and the PyTorch program: one job file in (job.ts), JSON lines of progress
 * out, a Hugging Face folder as the result.
 */

/** One tokenized sequence to learn from. */
export interface TrainingSequence {
  /** Index into `TrainingSet.queries`. Sequences of one query stay together in an update. */
  readonly query: number;
  readonly ids: ArrayLike<number>;
  /** Loss mask: 1 where the model wrote the token and it is not part of a forced prefix, else 0. */
  readonly lossMask: ArrayLike<number>;
  /** Log-probs under the behaviour policy; 0 where the mask is 0. Ignored by `cross-entropy`. */
  readonly behaviourLogProbs: ArrayLike<number>;
  /** A of the paper's objective; only the policy gradient reads it. */
  readonly advantage: number;
}

/** One query's decision target. Each query contributes its decision cross-entropy once. */
export interface TrainingQuery {
  readonly promptIds: ArrayLike<number>;
  /** s*(cot|x), s*(code|x); absent where the query has no decision target. */
  readonly target?: readonly [number, number];
}

export interface TrainingSet {
  readonly queries: readonly TrainingQuery[];
  readonly sequences: readonly TrainingSequence[];
  /** Right and wrong sequence of one query, by their places in `sequences`; only for `preference`. */
  readonly pairs?: readonly SequencePair[];
  /**
   * g_cot and g_code: the prefixes whose full-vocabulary NLL is the decision's loss. Empty for sets without decisions.
   */
  readonly prefixIds: readonly [ArrayLike<number>, ArrayLike<number>];
}

/** Numbers of two sequences of one query, the right one first. */
export type SequencePair = readonly [right: number, wrong: number];

/** A set without the tokens of its sequences and prompts: enough to say where in the file they lie. */
export interface SetOutline {
  readonly queries: readonly { readonly promptTokens: number; readonly target?: readonly [number, number] }[];
  readonly sequences: readonly { readonly query: number; readonly tokens: number; readonly advantage: number }[];
  readonly pairs?: TrainingSet['pairs'];
  readonly prefixIds: TrainingSet['prefixIds'];
}

/** Metrics of one update. They hold no times: equal trainings give equal series. */
export interface TrainingUpdate {
  /** Counted from 1, as are epochs. */
  readonly update: number;
  readonly epoch: number;
  /** Number of tokens of the update, those that only anchor included. */
  readonly tokens: number;
  /** Number of its tokens with an advantage, or of all with cross-entropy; absent in trainings of earlier versions. */
  readonly learnt?: number;
  /** Number of its decisions. */
  readonly decisions: number;
  /** Loss, gradient norm and the metrics of the objective. */
  readonly metrics: Readonly<Record<string, number>>;
}

interface Finished {
  readonly kind: 'done';
  readonly updates: number;
  /** Metrics of the last update. */
  readonly metrics: Readonly<Record<string, number>>;
  /**
   * Metrics of every update; absent where the run resumed from a state without them, which an earlier version saved.
   */
  readonly series?: readonly TrainingUpdate[];
}

/** Progress line of the trainer: `{"kind": ...}` per line on its stdout. */
export type TrainerEvent =
  | {
      readonly kind: 'started';
      readonly device: string;
      readonly updates: number;
      readonly parameters: number;
      /** Of a training: as set, or as chosen. */
      readonly microBatchTokens?: number;
    }
  | {
      readonly kind: 'probe';
      readonly tokens: number;
      readonly meanAbsDeviation: number;
      readonly maxAbsDeviation: number;
      /** Only with bf16 training: the same probe in fp32, which separates rounding errors from wrong weights. */
      readonly fp32MeanAbsDeviation?: number;
      /** The deviation is outside `ratioTolerance`, and why that may be. */
      readonly warning?: string;
    }
  /** The training resumes from a saved state, after this update. */
  | { readonly kind: 'resumed'; readonly update: number; readonly of: number }
  /** `targetKl` ended the run after this update; `approxKl` is what the next one found. */
  | { readonly kind: 'stopped'; readonly update: number; readonly of: number; readonly approxKl: number }
  | {
      readonly kind: 'update';
      readonly update: number;
      readonly of: number;
      readonly loss: number;
      readonly metrics: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'refused'; readonly reason: string; readonly details: Readonly<Record<string, unknown>> }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'created'; readonly parameters: number }
  | Finished;

/** Outcome of a trainer run. Only `done` leaves an output directory. */
export type TrainerOutcome =
  | Finished
  /** The job is invalid: bad file, torn training set, importance ratios that are not 1. A retry won't help. */
  | { readonly kind: 'refused'; readonly reason: string; readonly details: Readonly<Record<string, unknown>> }
  /** The program failed: an exception, a loss that is not finite, a crash. */
  | { readonly kind: 'failed'; readonly reason: string; readonly logTail: string }
  /** The caller's signal aborted it. */
  | { readonly kind: 'cancelled' }
  /** Something else killed it: the out-of-memory killer, an operator. An infrastructure failure, worth a retry. */
  | { readonly kind: 'killed'; readonly signal: string; readonly logTail: string };
