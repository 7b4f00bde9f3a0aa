/** One sequence being written: what it has, where its KV ends, and when it is finished. */
import { DRAW, GREEDY } from '../graph/readout.ts';
import { keptKeyOf, withWritten } from './kept-key.ts';
import type { FinishedRow, JobUnit, RowJob, TokenByteTable } from './messages.ts';
import { type PhiloxKey, philoxKey, uniformPair } from './philox.ts';
import { StopMatcher } from './stop-matcher.ts';

export class Row {
  readonly callId: number;
  readonly job: RowJob;
  readonly isWatched: boolean;
  readonly #promptIds: readonly number[];
  /** What it had behind the prompt when it came: fed again, unless its KV was kept. */
  readonly #pastIds: readonly number[];
  /** Where each stretch of appended tokens starts and ends in `#pastIds`. */
  readonly #appended: readonly { readonly start: number; readonly end: number }[];
  readonly #key: PhiloxKey;
  readonly #stop: StopMatcher | undefined;
  readonly #eosTokenIds: ReadonlySet<number>;
  readonly #tokenIds: number[] = [];
  readonly #logProbs: number[] = [];
  #fed = 0;
  #past: FinishedRow['past'];
  #finish: FinishedRow['finish'] | undefined;

  constructor(unit: JobUnit, job: RowJob, eosTokenIds: ReadonlySet<number>, table: TokenByteTable | undefined) {
    this.callId = unit.callId;
    this.job = job;
    this.isWatched = unit.isWatched;
    this.#promptIds = unit.promptIds;
    this.#pastIds = job.past?.ids ?? [];
    this.#past = job.past === undefined ? undefined : 'recomputed';
    let end = 0;
    this.#appended = (job.past?.turns ?? []).map(({ written, appended }) => {
      end += written + appended;
      return { start: end - appended, end };
    });
    this.#key = philoxKey(job.seed);
    this.#eosTokenIds = eosTokenIds;
    if (job.stopStrings.length > 0) {
      if (table === undefined) throw new Error('stop strings arrived before the table of token bytes');
      this.#stop = new StopMatcher(table, job.stopStrings);
    }
  }

  /** Places in use of the row's own KV: its tokens but the last, and the prompt's last, which a prefill leaves out. */
  get suffixLength(): number {
    return this.#fed;
  }

  get nextInputId(): number {
    return this.#idAt(this.#fed);
  }

  /** Position of `nextInputId` in the sequence. */
  get nextPosition(): number {
    return this.#promptIds.length - 1 + this.#fed;
  }

  /** Inputs to feed in one go before the next token: the appended ones but their last, and the written one before them. */
  get chunk(): number[] {
    const stretch = this.#appended.find(({ start, end }) => start <= this.#fed && this.#fed < end);
    if (stretch === undefined) return [];
    return Array.from({ length: stretch.end - this.#fed }, (_, i) => this.#idAt(this.#fed + i));
  }

  /** The most places that its KV may come to need. */
  get placesWanted(): number {
    return this.#pastIds.length + this.job.maxNewTokens;
  }

  /** Its own KV holds `places` more inputs. */
  feed(places: number): void {
    this.#fed += places;
  }

  /** Its own KV is there again up to where it stopped. */
  restore(places: number): void {
    this.#fed = places;
    this.#past = 'kept';
  }

  get inverseTemperature(): number {
    return this.job.temperature === 0 ? 1 : 1 / this.job.temperature;
  }

  get wantedToken(): number {
    if (this.isReplaying) return this.#pastIds[this.#fed] ?? 0;
    return this.job.forcedIds?.[this.#tokenIds.length] ?? (this.job.temperature === 0 ? GREEDY : DRAW);
  }

  /** Keyed by the position in the whole sequence: a rollout continued behind a tool's output draws fresh numbers. */
  get uniforms(): [number, number] {
    return uniformPair(this.#key, this.#promptIds.length + this.#fed);
  }

  /** The next token is one that it had before. */
  get isReplaying(): boolean {
    return this.#fed < this.#pastIds.length;
  }

  /** Takes the token just chosen; true if the row is finished with it. */
  take(tokenId: number, logProb: number): boolean {
    this.#fed++;
    this.#tokenIds.push(tokenId);
    this.#logProbs.push(logProb);
    const isForced = this.job.forcedIds !== undefined;
    if (!isForced && this.#eosTokenIds.has(tokenId)) this.#finish = 'eos';
    else if (!isForced && this.#stop?.push(tokenId)) this.#finish = 'stop';
    else if (this.#tokenIds.length >= this.job.maxNewTokens) this.#finish = 'length';
    return this.#finish !== undefined;
  }

  /** Under which a request that goes on from here asks for its KV. */
  get keptKey(): string | undefined {
    if (this.#finish !== 'stop' || this.job.mayContinue !== true) return undefined;
    const turns = withWritten(this.job.past?.turns ?? [], this.#tokenIds.length);
    return keptKeyOf(this.#promptIds, [...this.#pastIds, ...this.#tokenIds], turns);
  }

  get result(): FinishedRow {
    if (this.#finish === undefined) throw new Error('the row is not finished');
    const keptKey = this.keptKey;
    return {
      callId: this.callId,
      index: this.job.index,
      tokenIds: this.#tokenIds,
      logProbs: this.#logProbs,
      finish: this.#finish,
      ...(this.#past === undefined ? {} : { past: this.#past }),
      ...(keptKey === undefined ? {} : { keptKey }),
    };
  }

  /** The input at a place of its own KV. */
  #idAt(place: number): number {
    if (place === 0) return this.#promptIds[this.#promptIds.length - 1] ?? 0;
    return this.#pastIds[place - 1] ?? this.#tokenIds[place - 1 - this.#pastIds.length] ?? 0;
  }
}
