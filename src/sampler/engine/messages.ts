/** What the main thread and the inference threads say to each other. */

import type { DecoderModel } from './decoder-session.ts';
import type { KvShape } from './kv-buffer.ts';

export interface ThreadStart {
  readonly model: DecoderModel;
  readonly kv: KvShape;
  readonly eosTokenIds: readonly number[];
  readonly maxRows: number;
  /** Keys and values of one thread never take more than this; rows wait instead. */
  readonly kvBudgetBytes: number;
}

/** One sequence to write (or, with `forcedIds`, to score) behind a prompt. */
export interface RowJob {
  /** Place in the call's requests. */
  readonly index: number;
  readonly seed: string;
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly stopStrings: readonly string[];
  /** The tokens to score instead of sampling; `maxNewTokens` is their number. */
  readonly forcedIds?: readonly number[];
}

/** Rows that share a prompt, kept together on one thread. */
export interface JobUnit {
  readonly callId: number;
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
  | { readonly kind: 'cancel'; readonly callId: number };

export interface FinishedRow {
  readonly callId: number;
  readonly index: number;
  readonly tokenIds: readonly number[];
  readonly logProbs: readonly number[];
  readonly finish: 'eos' | 'stop' | 'length';
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
