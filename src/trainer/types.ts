/**
 * The contract between the TypeScript side and the PyTorch program: one job file in (job.ts), JSON lines of progress
 * out, a Hugging Face folder as the result.
 */

/** One sequence to learn from, already tokenized. */
export interface TrainingSequence {
  /** Sequences of one query stay together in an update. Index into `TrainingSet.queries`. */
  readonly query: number;
  readonly ids: readonly number[];
  /** 1 where the token is learnt from: written by the model and not part of a forced prefix. */
  readonly lossMask: readonly (0 | 1)[];
  /** Log-probs of the policy that sampled; 0 where the mask is 0. Ignored by `cross-entropy`. */
  readonly behaviourLogProbs: readonly number[];
  /** A of the paper's objective; ignored by `cross-entropy`. */
  readonly advantage: number;
}

/** One query's decision target; the cross-entropy of the code decision is taken once per query. */
export interface TrainingQuery {
  readonly promptIds: readonly number[];
  /** s*(cot|x), s*(code|x); absent where the query carries no decision target. */
  readonly target?: readonly [number, number];
}

export interface TrainingSet {
  readonly queries: readonly TrainingQuery[];
  readonly sequences: readonly TrainingSequence[];
  /** g_cot and g_code: the prefixes whose full-vocabulary NLL carries the decision. Empty for sets without decisions. */
  readonly prefixIds: readonly [readonly number[], readonly number[]];
}

/** What one update measured. Without times: equal trainings give equal series. */
export interface TrainingUpdate {
  /** Counted from 1, as are epochs. */
  readonly update: number;
  readonly epoch: number;
  /** Tokens and decisions that the update learnt from. */
  readonly tokens: number;
  readonly decisions: number;
  /** Loss, gradient norm and the metrics of the objective. */
  readonly metrics: Readonly<Record<string, number>>;
}

interface Finished {
  readonly kind: 'done';
  readonly updates: number;
  /** Of the last update. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Of every update; absent where the run went on from a state that an earlier version had saved. */
  readonly series?: readonly TrainingUpdate[];
}

/** Progress line of the trainer: `{"kind": ...}` per line on its stdout. */
export type TrainerEvent =
  | { readonly kind: 'started'; readonly device: string; readonly updates: number; readonly parameters: number }
  | {
      readonly kind: 'probe';
      readonly tokens: number;
      readonly meanAbsDeviation: number;
      readonly maxAbsDeviation: number;
      /** Only if training runs in bf16: the same probe in fp32, so that rounding and wrong weights can be told apart. */
      readonly fp32MeanAbsDeviation?: number;
    }
  /** It goes on from a saved state, after this update. */
  | { readonly kind: 'resumed'; readonly update: number; readonly of: number }
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

/** How a run of the trainer ended. Only `done` leaves an output directory. */
export type TrainerOutcome =
  | Finished
  /** The job can't be right: bad file, torn training set, importance ratios that are not 1. A retry won't help. */
  | { readonly kind: 'refused'; readonly reason: string; readonly details: Readonly<Record<string, unknown>> }
  /** The program went wrong: an exception, a loss that is not finite, a crash. */
  | { readonly kind: 'failed'; readonly reason: string; readonly logTail: string }
  /** The caller's signal ended it. */
  | { readonly kind: 'cancelled' }
  /** Something else did: the out-of-memory killer, an operator. An infrastructure failure, worth a retry. */
  | { readonly kind: 'killed'; readonly signal: string; readonly logTail: string };
