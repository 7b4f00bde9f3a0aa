/** What the main thread and the inference threads say to each other. */

import type { Truncation, Turn } from '../types.ts';
import type { DecoderModel } from './decoder-session.ts';
import type { KvShape } from './kv-buffer.ts';

export interface ThreadStart {
  readonly model: DecoderModel;
  readonly kv: KvShape;
  readonly eosTokenIds: readonly number[];
  readonly maxRows: number;
  /** Keys and values of one thread never take more than this; rows wait instead. */
  readonly kvBudgetBytes: number;
  /** How long the KV of a row that may go on is kept at most. */
  readonly keptKvMs: number;
}

/** One sequence to write (or, with `forcedIds`, to score) behind a prompt. */
export interface RowJob {
  /** Place in the call's requests. */
  readonly index: number;
  readonly seed: string;
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly stopStrings: readonly string[];
  readonly truncation?: Truncation;
  readonly mayContinue?: boolean;
  readonly past?: Past;
  /** The tokens to score instead of sampling; `maxNewTokens` is their number. */
  readonly forcedIds?: readonly number[];
}

/** What a rollout that goes on has behind its prompt. */
export interface Past {
  readonly ids: readonly number[];
  /** Of at least one token each; they add up to `ids`. */
  readonly turns: readonly Turn[];
  /** Under which its KV was kept when it stopped, if it was. */
  readonly keptKey: string;
}

/** Rows that share a prompt, kept together on one thread. */
export interface JobUnit {
  readonly callId: number;
  /** The thread that has kept the KV of these rows; any other if undefined. */
  readonly holder?: number;
  readonly promptIds: readonly number[];
  readonly rows: readonly RowJob[];
  /** Its tokens are reported as they come. */
  readonly isWatched: boolean;
}

/** Bytes of every token, end to end: token i is `bytes[offsets[i] .. offsets[i + 1])`. */
export interface TokenByteTable {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

export type ToThread =
  | { readonly kind: 'token-bytes'; readonly table: TokenByteTable }
  | { readonly kind: 'enqueue'; readonly unit: JobUnit }
  | { readonly kind: 'cancel'; readonly callId: number }
  /** Other weights, once it is idle; answered by `ready`. */
  | { readonly kind: 'swap'; readonly model: DecoderModel };

export interface FinishedRow {
  readonly callId: number;
  readonly index: number;
  readonly tokenIds: readonly number[];
  readonly logProbs: readonly number[];
  readonly finish: 'eos' | 'stop' | 'length';
  readonly past?: 'kept' | 'recomputed';
  /** Its KV is kept under this key. */
  readonly keptKey?: string;
}

/** New tokens of a watched row since the last message. */
export interface WatchedTokens {
  readonly callId: number;
  readonly index: number;
  readonly tokenIds: number[];
}

export type FromThread =
  | { readonly kind: 'ready' }
  /** After every few steps: rows that ended and new tokens per call since the last message. */
  | {
      readonly kind: 'advanced';
      readonly finished: readonly FinishedRow[];
      readonly newTokens: ReadonlyMap<number, number>;
      /** Rows given up because their call was cancelled. */
      readonly cancelledRows: number;
      readonly watched: readonly WatchedTokens[];
    }
  | { readonly kind: 'failed'; readonly message: string };
