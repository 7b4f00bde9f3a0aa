/**
 * The KV of prompts, once for all rows that continue them. The last prompt token is left out: it is each row's first
 * input, so that all rows of a prompt start from the same KV.
 * Prompts cut alike are prefilled side by side.
 */
import { cutOf, MAX_PREFILL_TOKENS, placesMultiple, roundUp } from './cuts.ts';
import type { DecoderSession } from './decoder-session.ts';
import { groupBy } from './group-by.ts';
import { groupSize } from './group-places.ts';
import { KvBuffer, type KvShape } from './kv-buffer.ts';

/** Memory is taken for so many prompts at a time. */
const SLOTS_RESERVED = 8;

export interface Prompt {
  readonly key: string;
  readonly promptIds: readonly number[];
  /** Tokens in the bank: the prompt without its last. */
  readonly length: number;
  /** Rows that still need it: live ones, and kept ones that may come back. */
  rows: number;
}

export class PromptBank {
  readonly #session: DecoderSession;
  readonly #buffer: KvBuffer;
  readonly #empty: { prefix: KvBuffer; suffix: KvBuffer };
  /** Which prompt lies where: each once, and copies of some. */
  readonly #slots: Prompt[] = [];
  readonly #byKey = new Map<string, Prompt>();
  readonly #placesMultiple: number;

  constructor(session: DecoderSession, shape: KvShape) {
    this.#session = session;
    this.#placesMultiple = placesMultiple(shape.headDim);
    this.#buffer = new KvBuffer(shape, 'prefix');
    this.#empty = { prefix: new KvBuffer(shape, 'prefix'), suffix: new KvBuffer(shape, 'suffix') };
  }

  get slots(): readonly Prompt[] {
    return this.#slots;
  }

  get places(): number {
    return this.#buffer.places;
  }

  get buffer(): KvBuffer {
    return this.#buffer;
  }

  find(key: string): Prompt | undefined {
    return this.#byKey.get(key);
  }

  /** Slots and places that the bank would have with `added` prompts more and without copies. */
  sizeWith(added: readonly { readonly length: number }[]): { slots: number; places: number } {
    const longest = Math.max(1, ...this.#slots.map(({ length }) => length), ...added.map(({ length }) => length));
    return { slots: this.#byKey.size + added.length, places: roundUp(longest, this.#placesMultiple) };
  }

  /** Computes the KV of new prompts, side by side where they are cut alike. */
  async add(prompts: readonly { readonly key: string; readonly promptIds: readonly number[] }[]): Promise<void> {
    const added = prompts.map(({ key, promptIds }) => ({
      key,
      promptIds,
      length: promptIds.length - 1,
      rows: 0,
    }));
    if (added.length === 0) return;
    this.#dropCopies(() => 1);
    const { slots, places } = this.sizeWith(added);
    if (slots * places > this.#buffer.reserved)
      this.#buffer.reserve(roundUp(slots, SLOTS_RESERVED) * places, this.#slots.length);
    this.#buffer.reshape(slots, places, this.#slots.length);
    const byCut = groupBy(added, ({ length }) => cutOf(length).join(','));
    for (const alike of byCut.values()) {
      const cut = cutOf(alike[0]?.length ?? 0);
      const perStep = Math.max(1, Math.floor(MAX_PREFILL_TOKENS / Math.max(...cut, 1)));
      for (let start = 0; start < alike.length; start += perStep)
        await this.#prefill(alike.slice(start, start + perStep), cut);
    }
  }

  /** Drops prompts that no row needs, closing the gaps. Call before a step, never during one. */
  compact(): void {
    for (let slot = this.#slots.length - 1; slot >= 0; slot--) {
      const prompt = this.#slots[slot];
      if (prompt === undefined || prompt.rows > 0) continue;
      this.#byKey.delete(prompt.key);
      this.#drop(slot);
    }
    if (this.#slots.length === 0) this.trim();
  }

  /**
   * The rows of each slot from the first on, given each row's prompt. A prompt of many rows next to prompts of few rows is
   * copied and its rows shared out, if there is memory for it: all slots of a step are computed as if they had as many rows.
   */
  layOut(prompts: readonly Prompt[]): number[][] {
    const byPrompt = groupBy([...prompts.keys()], (row) => prompts[row]);
    const idle = [...this.#byKey.values()].filter((prompt) => !byPrompt.has(prompt)).length;
    const room = this.places === 0 ? 0 : Math.floor(this.#buffer.reserved / this.places) - idle;
    const size = groupSize(
      [...byPrompt.values()].map(({ length }) => length),
      room,
    );
    const slotsOf = (prompt: Prompt): number => Math.ceil((byPrompt.get(prompt)?.length ?? 1) / size);
    // Before any are added, so that there are never more than there is memory for.
    this.#dropCopies(slotsOf);
    this.#addCopies(slotsOf);
    this.#bringForward((prompt) => byPrompt.has(prompt));
    return this.#slots.slice(0, this.#slots.length - idle).map((prompt) => byPrompt.get(prompt)?.splice(0, size) ?? []);
  }

  /** Gives back the memory that no prompt needs. */
  trim(): void {
    this.#dropCopies(() => 1);
    const slots = this.#slots.length;
    this.#buffer.reshape(slots, slots === 0 ? 0 : this.#buffer.places, slots);
    this.#buffer.reserve(slots * this.#buffer.places, slots);
  }

  #dropCopies(slotsOf: (prompt: Prompt) => number): void {
    for (const prompt of this.#byKey.values())
      for (let surplus = this.#slotsNow(prompt) - slotsOf(prompt); surplus > 0; surplus--)
        this.#drop(this.#slots.lastIndexOf(prompt));
  }

  #addCopies(slotsOf: (prompt: Prompt) => number): void {
    for (const prompt of this.#byKey.values())
      for (let missing = slotsOf(prompt) - this.#slotsNow(prompt); missing > 0; missing--) {
        const slots = this.#slots.length;
        this.#buffer.reshape(slots + 1, this.places, slots);
        this.#buffer.move(this.#slots.indexOf(prompt), slots);
        this.#slots.push(prompt);
      }
  }

  #slotsNow(prompt: Prompt): number {
    return this.#slots.filter((other) => other === prompt).length;
  }

  /** Fills the slot with the last one. */
  #drop(slot: number): void {
    const last = this.#slots.pop();
    if (last === undefined || slot === this.#slots.length) return;
    this.#buffer.move(this.#slots.length, slot);
    this.#slots[slot] = last;
  }

  #bringForward(isWanted: (prompt: Prompt) => boolean): void {
    const wanted = this.#slots.filter(isWanted).length;
    for (const [slot, prompt] of this.#slots.entries()) {
      if (slot >= wanted || isWanted(prompt)) continue;
      const other = this.#slots.findLastIndex(isWanted);
      const found = this.#slots[other];
      if (found === undefined) return;
      this.#buffer.swap(slot, other);
      this.#slots[slot] = found;
      this.#slots[other] = prompt;
    }
  }

  async #prefill(prompts: readonly Prompt[], cut: readonly number[]): Promise<void> {
    const first = this.#slots.length;
    for (const prompt of prompts) {
      this.#slots.push(prompt);
      this.#byKey.set(prompt.key, prompt);
    }
    const rows = prompts.length;
    this.#empty.prefix.reshape(Math.max(rows, this.#empty.prefix.slots), this.#placesMultiple, 0);
    this.#empty.suffix.reshape(Math.max(rows, this.#empty.suffix.slots), this.#placesMultiple, 0);
    let done = 0;
    for (const tokens of cut) {
      const past = done === 0 ? this.#empty.prefix : this.#buffer;
      const tokenIds = new Int32Array(rows * tokens);
      const positions = new Int32Array(rows * tokens);
      for (const [row, { promptIds, length }] of prompts.entries())
        for (let i = 0; i < tokens && done + i < length; i++) {
          tokenIds[row * tokens + i] = promptIds[done + i] ?? 0;
          positions[row * tokens + i] = done + i;
        }
      const { fresh } = await this.#session.run({
        rows,
        tokensPerRow: tokens,
        tokenIds,
        positions,
        prefix: { feeds: past.feeds(done === 0 ? 0 : first, rows), groups: rows, places: past.places },
        suffix: { feeds: this.#empty.suffix.feeds(0, rows), places: this.#placesMultiple },
        prefixLengths: new Int32Array(rows).fill(done),
        suffixLengths: new Int32Array(rows),
        groupRows: Int32Array.from({ length: rows }, (_, row) => row),
        rowPlaces: Int32Array.from({ length: rows }, (_, row) => row),
        readout: NOTHING_READ,
      });
      for (const [row, { length }] of prompts.entries())
        this.#buffer.append(first + row, done, fresh, row, Math.min(tokens, length - done));
      done += tokens;
    }
  }
}

/** The graph always reads one position; a prefill ignores it. */
export const NOTHING_READ = {
  places: new Int32Array(1),
  inverseTemperatures: Float32Array.of(1),
  uniforms: new Float32Array(2),
  wantedTokens: new Int32Array(1),
};
