/**
 * What the rest of the system knows of a sampler, be it our ONNX engine or a served model.
 * A generation depends only on (weights, promptIds, seed, sampling options): not on batch, order or company.
 */

export interface GenerateRequest {
  /** Unique in a call; returned with the generation. */
  readonly id: string;
  /** Everything before the first new token. */
  readonly promptIds: readonly number[];
  /**
   * For a rollout that goes on: what follows the prompt proper at the end of `promptIds`, turn by turn. Requests with
   * equal prompts proper share their KV. Part of what determines the last bits of a generation.
   */
  readonly turns?: readonly Turn[];
  /** Draws are keyed by (seed, position in the sequence): a rollout continued with its own seed draws fresh numbers. */
  readonly seed: string;
  readonly maxNewTokens: number;
  /** 0 = greedy (log-probs are then those at temperature 1). */
  readonly temperature: number;
  /** Generation stops after the token that completes one of these; its text is kept. */
  readonly stopStrings: readonly string[];
  /**
   * Draw from a part of the vocabulary only (first top-k, then top-p of what is left, then min-p relative to the most
   * probable token). Log-probs stay those of the whole distribution: not the policy that sampled, so not for training.
   */
  readonly truncation?: Truncation;
  /** A request may go on from where this one stops: its KV is kept for a while. */
  readonly mayContinue?: boolean;
}

/** Tokens that the model wrote, then appended tokens (tool output). */
export interface Turn {
  readonly written: number;
  readonly appended: number;
}

export interface Truncation {
  readonly topK?: number;
  /** In (0, 1]: the most probable tokens that together have at least this mass. */
  readonly topP?: number;
  /** In [0, 1): tokens at least this probable, relative to the most probable one. */
  readonly minP?: number;
}

export interface Generation {
  readonly id: string;
  /** New tokens, the end-of-sequence token included. */
  readonly tokenIds: readonly number[];
  /** Natural log-probs after temperature, one per new token; exact for what was computed, be it fp32 or w8a8. */
  readonly logProbs: readonly number[];
  readonly finish: 'eos' | 'stop' | 'length';
  /** Of a request with turns: whether the KV of its past was still there. Both give the same bits. */
  readonly past?: 'kept' | 'recomputed';
}

export interface ScoreRequest {
  readonly id: string;
  readonly promptIds: readonly number[];
  readonly continuationIds: readonly number[];
}

export interface Score {
  readonly id: string;
  /** Natural log-prob of each continuation token at the request's temperature 1. */
  readonly logProbs: readonly number[];
}

export interface SamplerProgress {
  readonly finished: number;
  readonly total: number;
  readonly newTokens: number;
}

export interface SamplerCallOptions {
  /** Digest of the checkpoint that has to answer; a sampler that serves another one refuses the call. */
  readonly checkpoint?: string;
  /** Aborting stops within a second; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SamplerProgress) => void;
  /** New tokens of one request as they come, several at a time; for people who watch. */
  readonly onTokens?: (id: string, tokenIds: readonly number[]) => void;
}

/** What computes, for the record: no part of what a result is identified by. */
export interface SamplerBackend {
  /** Our own engine, or a completions server. */
  readonly kind: 'embedded' | 'served';
  /** e.g. `onnxruntime-node`, `vllm` */
  readonly engine: string;
  /** e.g. `1.30.0`; a server's is what it says of itself, e.g. `vllm-0.32.0-d711a127` */
  readonly version: string;
  /** Of our own engine; a server computes as it was configured. */
  readonly compute?: string;
}

export interface Sampler {
  readonly backend: SamplerBackend;
  generate(requests: readonly GenerateRequest[], options?: SamplerCallOptions): Promise<Generation[]>;
  score(requests: readonly ScoreRequest[], options?: SamplerCallOptions): Promise<Score[]>;
  /**
   * Serves another checkpoint of the same architecture from now on: running calls end first, later ones wait. Throws
   * ModelFolderError if the folder doesn't fit; the old weights stay then. Absent: open another sampler.
   */
  swapWeights?(modelDirectory: string, checkpoint: string): Promise<void>;
  /**
   * Gives its GPU memory back until the next `swapWeights`, which has to come before anything else; running calls end first.
   * Absent: close it.
   */
  sleep?(): Promise<void>;
  close(): Promise<void>;
}

/** Text to ids and back, for the folder of the model that samples. */
export interface Tokenizer {
  readonly eosTokenIds: readonly number[];
  /** Ids of the text as it stands: nothing added, control tokens written in the text recognised unless they are quoted. */
  encode(text: string): number[];
  /** Like `encode`, for text that goes on from other text: without the space that some tokenizers put before a text. */
  encodeContinuation(text: string): number[];
  /** Text from elsewhere (a problem, what a snippet printed), marked so that `encode` finds no control token in it. */
  quote(text: string): string;
  /** Text of the ids, special tokens included. */
  decode(ids: readonly number[]): string;
  /** The model's own chat template with the generation prompt appended, as text. Rejects if the model has none. */
  renderChat(messages: readonly { role: 'system' | 'user' | 'assistant'; content: string }[]): Promise<string>;
}
