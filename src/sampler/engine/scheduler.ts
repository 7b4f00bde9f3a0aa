/**
 * Continuous batching on one thread: admits queued rows while there is room, decodes all live rows by one token a step,
 * fills the hole of a finished row with the last one.
 */

import { nextAppendedChunks } from './appended-chunks.ts';
import { MAX_PREFILL_TOKENS, placesMultiple, roundUp } from './cuts.ts';
import type { DecoderSession, StepResult } from './decoder-session.ts';
import { drawTruncated } from './draw-truncated.ts';
import { groupPlaces } from './group-places.ts';
import { KeptRows } from './kept-rows.ts';
import { type FreshKv, KvBuffer, kvBytesPerToken } from './kv-buffer.ts';
import type { FinishedRow, JobUnit, RowJob, ThreadStart, TokenByteTable, WatchedTokens } from './messages.ts';
import { NOTHING_READ, type Prompt, PromptBank } from './prompt-bank.ts';
import { Row } from './row.ts';

/**
 * Rows of a step are filled up to a multiple of this, so at least that many: matrix products have a special way of
 * summing for a single row only.
 */
const ROWS_MULTIPLE = 4;

/** Memory for the rows' own KV grows to so many times what is needed, if they may come to need it. */
const GROWTH = 8;

interface QueuedRow {
  readonly unit: JobUnit;
  readonly job: RowJob;
  /** Equal for equal prompts. */
  readonly key: string;
}

interface LiveRow {
  readonly row: Row;
  readonly prompt: Prompt;
}

export interface Advance {
  readonly finished: FinishedRow[];
  /** New tokens by call. */
  readonly newTokens: Map<number, number>;
  /** Rows given up because their call was cancelled. */
  readonly cancelledRows: number;
  /** The new token of each watched row. */
  readonly watched: WatchedTokens[];
}

export class Scheduler {
  #session: DecoderSession;
  readonly #start: ThreadStart;
  #bank: PromptBank;
  readonly #suffixes: KvBuffer;
  readonly #eosTokenIds: ReadonlySet<number>;
  readonly #queue: QueuedRow[] = [];
  readonly #live: LiveRow[] = [];
  readonly #cancelled = new Set<number>();
  readonly #kept: KeptRows;
  readonly #placesMultiple: number;
  tokenBytes: TokenByteTable | undefined;

  constructor(session: DecoderSession, start: ThreadStart) {
    this.#session = session;
    this.#start = start;
    this.#bank = new PromptBank(session, start.kv);
    this.#suffixes = new KvBuffer(start.kv, 'suffix');
    this.#eosTokenIds = new Set(start.eosTokenIds);
    this.#kept = new KeptRows(start.keptKvMs);
    this.#placesMultiple = placesMultiple(start.kv.headDim);
  }

  get isIdle(): boolean {
    return this.#live.length === 0 && this.#queue.length === 0;
  }

  enqueue(unit: JobUnit): void {
    const key = unit.promptIds.join(' ');
    for (const job of unit.rows) this.#queue.push({ unit, job, key });
  }

  /** Other weights from now on: nothing that the old ones computed is left. Only while idle. */
  async swap(create: () => Promise<DecoderSession>): Promise<void> {
    this.#kept.clear();
    // First, so that both don't lie in memory at once.
    await this.#session.release();
    this.#session = await create();
    this.#bank = new PromptBank(this.#session, this.#start.kv);
  }

  /** The call's rows are gone with the next step. */
  cancel(callId: number): void {
    this.#cancelled.add(callId);
  }

  /** One step: everything that is live gains a token. */
  async advance(): Promise<Advance> {
    let cancelledRows = this.#dropCancelled();
    this.#bank.compact();
    while ((await this.#admit()) || (await this.#feedChunks())) cancelledRows += this.#dropCancelled();
    const advance: Advance = { finished: [], newTokens: new Map(), cancelledRows, watched: [] };
    if (this.#live.length === 0) return advance;
    const result = await this.#decode();
    for (const [i, { row }] of this.#live.entries()) this.#suffixes.append(i, row.suffixLength, result.fresh, i, 1);
    const finished: number[] = [];
    for (const [i, { row }] of this.#live.entries()) {
      if (row.isReplaying) {
        row.feed(1);
        continue;
      }
      advance.newTokens.set(row.callId, (advance.newTokens.get(row.callId) ?? 0) + 1);
      const { tokenId, logProb } = chosen(result, i, row);
      if (!Number.isFinite(logProb))
        throw new Error('the model computes NaN or infinite logits: its training diverged, or its file is damaged');
      if (row.isWatched) advance.watched.push({ callId: row.callId, index: row.job.index, tokenIds: [tokenId] });
      if (row.take(tokenId, logProb)) finished.push(i);
    }
    for (const i of finished.reverse()) {
      const ended = this.#live[i];
      if (ended !== undefined) advance.finished.push(ended.row.result);
      const key = ended?.row.keptKey;
      if (ended !== undefined && key !== undefined)
        this.#kept.keep(key, { kv: this.#suffixes.copyOut(i, ended.row.suffixLength), prompt: ended.prompt });
      this.#remove(i);
    }
    return advance;
  }

  /**
   * Rows in the order of the queue, as many as there is room for and a prefill step takes: between steps a cancelled
   * call can go. True if there may be more.
   */
  async #admit(): Promise<boolean> {
    const prompts = new Map<string, { key: string; promptIds: readonly number[]; length: number }>();
    const admitted: QueuedRow[] = [];
    let prefillTokens = 0;
    let longest = Math.max(0, ...this.#live.map(({ row }) => row.placesWanted));
    for (const next of this.#queue) {
      const rows = this.#live.length + admitted.length + 1;
      if (rows > this.#start.maxRows) break;
      const isNew = this.#bank.find(next.key) === undefined && !prompts.has(next.key);
      const wanted = { key: next.key, promptIds: next.unit.promptIds, length: next.unit.promptIds.length - 1 };
      const bank = this.#bank.sizeWith(isNew ? [...prompts.values(), wanted] : [...prompts.values()]);
      const nextLongest = Math.max(longest, (next.job.past?.ids.length ?? 0) + next.job.maxNewTokens);
      const places =
        bank.slots * bank.places + roundUp(rows, ROWS_MULTIPLE) * roundUp(nextLongest, this.#placesMultiple);
      const fits = (): boolean =>
        (places + this.#kept.places) * kvBytesPerToken(this.#start.kv) <= this.#start.kvBudgetBytes;
      while (!fits() && this.#kept.dropOldest());
      if (rows > 1 && !fits()) break;
      if (isNew) {
        prefillTokens += wanted.length;
        if (prompts.size > 0 && prefillTokens > MAX_PREFILL_TOKENS) break;
        prompts.set(next.key, wanted);
      }
      longest = nextLongest;
      admitted.push(next);
    }
    if (admitted.length === 0) return false;
    this.#queue.splice(0, admitted.length);
    await this.#bank.add([...prompts.values()]);
    const restored: { index: number; kv: FreshKv }[] = [];
    for (const { unit, job, key } of admitted) {
      const prompt = this.#bank.find(key);
      if (prompt === undefined) throw new Error('a prompt vanished from the bank while its rows were admitted');
      prompt.rows++;
      const row = new Row(unit, job, this.#eosTokenIds, this.tokenBytes);
      const kv = job.past && this.#kept.take(job.past.keptKey);
      if (kv !== undefined) {
        row.restore(kv.tokensPerRow);
        restored.push({ index: this.#live.length, kv });
      }
      this.#live.push({ row, prompt });
    }
    this.#makeRoom(Math.max(...this.#live.map(({ row }) => row.suffixLength)));
    for (const { index, kv } of restored) this.#suffixes.append(index, 0, kv, 0, kv.tokensPerRow);
    return true;
  }

  /** Feeds appended tokens that rows wait for, a step of them: between steps a cancelled call can go. False if none waits. */
  async #feedChunks(): Promise<boolean> {
    const next = nextAppendedChunks(this.#live);
    if (next === undefined) return false;
    const { prompt, start, tokensPerRow, pieces } = next;
    const rows = this.#live.slice(start, start + pieces.length).map(({ row }) => row);
    const ends = rows.map(({ suffixLength }, i) => suffixLength + (pieces[i]?.length ?? 0));
    this.#makeRoom(Math.max(...ends, ...this.#live.map(({ row }) => row.suffixLength)));
    const tokenIds = new Int32Array(rows.length * tokensPerRow);
    const positions = new Int32Array(tokenIds.length);
    for (const [i, piece] of pieces.entries())
      for (const [j, id] of piece.entries()) {
        tokenIds[i * tokensPerRow + j] = id;
        positions[i * tokensPerRow + j] = (rows[i]?.nextPosition ?? 0) + j;
      }
    const each = Int32Array.from(rows, (_, i) => i);
    const slot = this.#bank.slots.indexOf(prompt);
    const { fresh } = await this.#session.run({
      rows: rows.length,
      tokensPerRow,
      tokenIds,
      positions,
      groupRows: each,
      rowPlaces: each,
      prefix: { feeds: this.#bank.buffer.feeds(slot, 1), groups: 1, places: this.#bank.places },
      prefixLengths: [prompt.length],
      suffix: { feeds: this.#suffixes.feeds(start, rows.length), places: this.#suffixes.places },
      suffixLengths: rows.map(({ suffixLength }) => suffixLength),
      readout: NOTHING_READ,
    });
    for (const [i, row] of rows.entries()) {
      const count = pieces[i]?.length ?? 0;
      this.#suffixes.append(start + i, row.suffixLength, fresh, i, count);
      row.feed(count);
    }
    return true;
  }

  /**
   * Every live row can hold `longest` places and one more. New memory has to be cleared, so more is taken than is needed
   * now, but no more than admission has counted on.
   */
  #makeRoom(longest: number): void {
    const count = roundUp(this.#live.length, ROWS_MULTIPLE);
    const places = roundUp(longest + 1, this.#placesMultiple);
    const needed = count * places;
    const mostPlaces = Math.max(...this.#live.map(({ row }) => row.placesWanted));
    const wanted = count * roundUp(mostPlaces, this.#placesMultiple);
    let reserved = this.#suffixes.reserved;
    if (needed > reserved) reserved = Math.max(needed, Math.min(wanted, GROWTH * needed));
    if (reserved > this.#freePlaces) this.#bank.trim();
    reserved = Math.max(needed, Math.min(reserved, this.#freePlaces));
    if (reserved > this.#suffixes.reserved) this.#suffixes.reserve(reserved, this.#live.length);
    this.#suffixes.reshape(count, places, this.#live.length);
    this.#suffixes.reserve(reserved, this.#live.length);
  }

  /** Places that the budget leaves to the rows' own KV. */
  get #freePlaces(): number {
    const budget = Math.floor(this.#start.kvBudgetBytes / kvBytesPerToken(this.#start.kv));
    return budget - this.#bank.buffer.reserved - this.#kept.places;
  }

  #decode(): Promise<StepResult> {
    const count = roundUp(this.#live.length, ROWS_MULTIPLE);
    this.#makeRoom(Math.max(...this.#live.map(({ row }) => row.suffixLength)));

    const inputs = {
      tokenIds: new Int32Array(count),
      positions: new Int32Array(count),
      suffixLengths: new Int32Array(count),
    };
    const readout = {
      places: Int32Array.from({ length: count }, (_, row) => row),
      inverseTemperatures: new Float32Array(count).fill(1),
      uniforms: new Float32Array(count * 2),
      wantedTokens: new Int32Array(count),
      withLogits: this.#live.some(({ row }) => row.job.truncation !== undefined),
    };
    const groups = this.#bank.layOut(this.#live.map(({ prompt }) => prompt));
    for (const [i, { row }] of this.#live.entries()) {
      inputs.tokenIds[i] = row.nextInputId;
      inputs.positions[i] = row.nextPosition;
      inputs.suffixLengths[i] = row.suffixLength;
      readout.inverseTemperatures[i] = row.inverseTemperature;
      readout.uniforms.set(row.uniforms, i * 2);
      readout.wantedTokens[i] = row.wantedToken;
    }
    return this.#session.run({
      rows: count,
      tokensPerRow: 1,
      ...inputs,
      ...groupPlaces(groups, count),
      prefix: {
        feeds: this.#bank.buffer.feeds(0, groups.length),
        groups: groups.length,
        places: this.#bank.places,
      },
      prefixLengths: this.#bank.slots.slice(0, groups.length).map(({ length }) => length),
      suffix: { feeds: this.#suffixes.feeds(0, count), places: this.#suffixes.places },
      readout,
    });
  }

  #remove(index: number): void {
    const removed = this.#live[index];
    if (removed !== undefined) removed.prompt.rows--;
    const last = this.#live.pop();
    if (last === undefined || index === this.#live.length) return;
    this.#suffixes.move(this.#live.length, index);
    this.#live[index] = last;
  }

  /** Returns how many rows it dropped. */
  #dropCancelled(): number {
    if (this.#cancelled.size === 0) return 0;
    const before = this.#live.length + this.#queue.length;
    for (let i = this.#live.length - 1; i >= 0; i--)
      if (this.#cancelled.has(this.#live[i]?.row.callId ?? -1)) this.#remove(i);
    const kept = this.#queue.filter(({ unit }) => !this.#cancelled.has(unit.callId));
    this.#queue.splice(0, this.#queue.length, ...kept);
    this.#cancelled.clear();
    return before - this.#live.length - this.#queue.length;
  }
}

/** What a row draws: in the graph, or here from a part of the vocabulary. */
function chosen(result: StepResult, i: number, row: Row): { tokenId: number; logProb: number } {
  const { truncation } = row.job;
  if (truncation === undefined || row.job.temperature === 0)
    return { tokenId: result.tokenIds[i] ?? 0, logProb: result.logProbs[i] ?? 0 };
  const [first, second] = row.uniforms;
  const tokenId = drawTruncated(result.logitsAt(i), first + second * 2 ** -24, truncation);
  return { tokenId, logProb: result.logProbOf(i, tokenId) };
}
