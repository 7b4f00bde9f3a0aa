/**
 * The contract between the TypeScript side and the PyTorch program: one job file in, JSON lines of progress out,
 * a Hugging Face folder as the result.
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

export interface OptimizerOptions {
  /** `muon`: Muon on weight matrices with `muonLearningRate`, AdamW on the rest. */
  readonly name: 'adamw' | 'muon';
  readonly learningRate: number;
  readonly muonLearningRate?: number;
  readonly weightDecay: number;
  readonly schedule: 'constant' | 'cosine';
  readonly warmUpSteps: number;
  readonly gradientClip: number;
}

export interface TrainOptions {
  /** What the sequences are learnt by: clipped importance-weighted policy gradient, or plain cross-entropy. */
  readonly objective: 'policy-gradient' | 'cross-entropy';
  /** λ: weight of the decision's cross-entropy. */
  readonly decisionWeight: number;
  /** ε of the clip. */
  readonly clip: number;
  /** Temperature at which the rollouts were sampled. */
  readonly temperature: number;
  readonly epochs: number;
  /** An update takes this many queries ... */
  readonly queriesPerUpdate?: number;
  /** ... or as many as fit in this many tokens. Exactly one of the two. */
  readonly tokensPerUpdate?: number;
  /** Tokens of one forward pass; larger updates accumulate gradients. */
  readonly tokensPerPass: number;
  /** Stop after this many updates; absent = run the epochs out. */
  readonly maxUpdates?: number;
  readonly optimizer: OptimizerOptions;
  readonly precision: 'fp32' | 'bf16';
  readonly gradientCheckpointing: boolean;
  /** CPU threads; the tiny testbed model is fastest on one. */
  readonly threads?: number;
  /** Tolerance of the probe on mean |ρ − 1|; the trainer refuses to start outside it. Absent: no probe (cross-entropy). */
  readonly probeTolerance?: number;
  readonly seed: number;
}

/** Where and how often the trainer saves its state on the way; the newest is kept, as `state-<updates done>.safetensors`. */
export interface SaveOptions {
  /** Existing folder of this run alone. */
  readonly directory: string;
  /** 0 = after every update. */
  readonly everySeconds: number;
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
  | { readonly kind: 'done'; readonly updates: number; readonly metrics: Readonly<Record<string, number>> };

/** `auto`: a GPU if PyTorch finds one. */
export type TrainerDevice = 'auto' | 'cpu' | 'cuda';

/** Content of a job file. Paths are absolute; `outputDirectory` must not exist and appears whole or not at all. */
export type TrainerJob =
  | {
      readonly kind: 'train';
      readonly modelDirectory: string;
      readonly trainingSetFile: string;
      readonly outputDirectory: string;
      readonly options: TrainOptions;
      readonly device?: TrainerDevice;
      readonly save?: SaveOptions;
      /** A saved state of the same job: it ends with the bits of a run that was never cut off. One that can't be read is lost. */
      readonly resumeFrom?: string;
    }
  | {
      readonly kind: 'create-model';
      /** Content of a config.json of a family in src/models/families. */
      readonly config: Readonly<Record<string, unknown>>;
      /** Folder whose files (tokenizer.json, ...) are copied beside the weights. */
      readonly tokenizerDirectory: string;
      readonly outputDirectory: string;
      readonly seed: number;
    };

/** How a run of the trainer ended. Only `done` leaves an output directory. */
export type TrainerOutcome =
  | { readonly kind: 'done'; readonly updates: number; readonly metrics: Readonly<Record<string, number>> }
  /** The job can't be right: bad file, torn training set, importance ratios that are not 1. A retry won't help. */
  | { readonly kind: 'refused'; readonly reason: string; readonly details: Readonly<Record<string, unknown>> }
  /** The program went wrong: an exception, a loss that is not finite, a crash. */
  | { readonly kind: 'failed'; readonly reason: string; readonly logTail: string }
  /** The caller's signal ended it. */
  | { readonly kind: 'cancelled' }
  /** Something else did: the out-of-memory killer, an operator. An infrastructure failure, worth a retry. */
  | { readonly kind: 'killed'; readonly signal: string; readonly logTail: string };
