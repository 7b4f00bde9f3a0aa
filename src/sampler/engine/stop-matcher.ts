/** Finds stop strings in what a row writes, on bytes: a character or a stop string may be split over tokens. */
import type { TokenByteTable } from './messages.ts';

export class StopMatcher {
  readonly #table: TokenByteTable;
  readonly #stops: readonly Buffer[];
  readonly #keptBytes: number;
  #tail: Buffer = Buffer.alloc(0);

  constructor(table: TokenByteTable, stopStrings: readonly string[]) {
    this.#table = table;
    this.#stops = stopStrings.map((text) => Buffer.from(text, 'utf8'));
    this.#keptBytes = Math.max(...this.#stops.map((stop) => stop.length)) - 1;
  }

  /** True if this token completes a stop string. */
  push(tokenId: number): boolean {
    const start = this.#table.offsets[tokenId] ?? 0;
    const end = this.#table.offsets[tokenId + 1] ?? start;
    const text = Buffer.concat([this.#tail, this.#table.bytes.subarray(start, end)]);
    this.#tail = text.subarray(Math.max(0, text.length - this.#keptBytes));
    return this.#stops.some((stop) => text.includes(stop));
  }
}
