/** One call of generate() or score(): its units waiting for a thread, what has come back, and how it ends. */
import type { SamplerCallOptions } from '../types.ts';
import type { FinishedRow, JobUnit } from './messages.ts';

export class Call {
  readonly id: number;
  readonly waiting: JobUnit[];
  readonly done: Promise<FinishedRow[]>;
  readonly #results: (FinishedRow | undefined)[];
  readonly #requestIds: readonly string[];
  readonly #options: SamplerCallOptions;
  readonly #onAbort: () => void;
  #finished = 0;
  #newTokens = 0;
  #resolve: (rows: FinishedRow[]) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  /** `cancel` is called when the signal aborts; the call has rejected by then. */
  constructor(
    work: { id: number; units: readonly JobUnit[]; requestIds: readonly string[] },
    options: SamplerCallOptions,
    cancel: () => void,
  ) {
    const { id, units, requestIds } = work;
    this.id = id;
    this.#requestIds = requestIds;
    this.waiting = [...units];
    this.#results = new Array(units.reduce((sum, { rows }) => sum + rows.length, 0));
    this.#options = options;
    this.#onAbort = () => {
      this.fail(options.signal?.reason);
      cancel();
    };
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** True if that was the last row. */
  advance(finished: readonly FinishedRow[], newTokens: number): boolean {
    for (const row of finished) this.#results[row.index] = row;
    this.#finished += finished.length;
    this.#newTokens += newTokens;
    const total = this.#results.length;
    this.#options.onProgress?.({ finished: this.#finished, total, newTokens: this.#newTokens });
    if (this.#finished < total) return false;
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#resolve(this.#results.filter((row) => row !== undefined));
    return true;
  }

  /** Hands a watched row's new tokens to who asked for them. */
  show(index: number, tokenIds: readonly number[]): void {
    this.#options.onTokens?.(this.#requestIds[index] ?? '', tokenIds);
  }

  fail(reason: unknown): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#reject(reason);
  }
}
