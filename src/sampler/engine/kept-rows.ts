/** KV of rows that stopped and may go on, each for a limited time; the oldest gives way when memory is wanted. */
import type { FreshKv } from './kv-buffer.ts';
import type { Prompt } from './prompt-bank.ts';

export interface KeptRow {
  readonly kv: FreshKv;
  /** Stays in the bank meanwhile. */
  readonly prompt: Prompt;
}

export class KeptRows {
  readonly #limitMs: number;
  readonly #rows = new Map<string, KeptRow & { readonly timer: NodeJS.Timeout }>();
  #places = 0;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Places of one row's KV that all of them take together. */
  get places(): number {
    return this.#places;
  }

  keep(key: string, row: KeptRow): void {
    if (this.#limitMs === 0) return;
    this.take(key);
    row.prompt.rows++;
    this.#places += row.kv.tokensPerRow;
    const timer = setTimeout(() => this.take(key), this.#limitMs).unref();
    this.#rows.set(key, { ...row, timer });
  }

  /** Hands the row over, if it is still there. */
  take(key: string): FreshKv | undefined {
    const row = this.#rows.get(key);
    if (row === undefined) return undefined;
    clearTimeout(row.timer);
    this.#rows.delete(key);
    row.prompt.rows--;
    this.#places -= row.kv.tokensPerRow;
    return row.kv;
  }

  /** Gives up the oldest; false if there is none. */
  dropOldest(): boolean {
    const [key] = this.#rows.keys();
    return key !== undefined && this.take(key) !== undefined;
  }

  clear(): void {
    while (this.dropOldest());
  }
}
