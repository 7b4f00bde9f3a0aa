/** One sequence being written: what it has, where its KV ends, and when it is finished. */
import { DRAW, GREEDY } from '../graph/readout.ts';
import type { FinishedRow, JobUnit, RowJob, TokenByteTable } from './messages.ts';
import { type PhiloxKey, philoxKey, uniformPair } from './philox.ts';
import { StopMatcher } from './stop-matcher.ts';

export class Row {
  readonly callId: number;
  readonly job: RowJob;
  readonly isWatched: boolean;
  readonly #promptLength: number;
  readonly #lastPromptId: number;
  readonly #key: PhiloxKey;
  readonly #stop: StopMatcher | undefined;
  readonly #eosTokenIds: ReadonlySet<number>;
  readonly #tokenIds: number[] = [];
  readonly #logProbs: number[] = [];
  #finish: FinishedRow['finish'] | undefined;

  constructor(unit: JobUnit, job: RowJob, eosTokenIds: ReadonlySet<number>, table: TokenByteTable | undefined) {
    this.callId = unit.callId;
    this.job = job;
    this.isWatched = unit.isWatched;
    this.#promptLength = unit.promptIds.length;
    this.#lastPromptId = unit.promptIds[unit.promptIds.length - 1] ?? 0;
    this.#key = philoxKey(job.seed);
    this.#eosTokenIds = eosTokenIds;
    if (job.stopStrings.length > 0) {
      if (table === undefined) throw new Error('stop strings arrived before the table of token bytes');
      this.#stop = new StopMatcher(table, job.stopStrings);
    }
  }

  /** Tokens in the row's own KV: all new ones but the last, and the prompt's last, which a prefill leaves out. */
  get suffixLength(): number {
    return this.#tokenIds.length;
  }

  get nextInputId(): number {
    return this.#tokenIds[this.#tokenIds.length - 1] ?? this.#lastPromptId;
  }

  /** Position of `nextInputId` in the sequence. */
  get nextPosition(): number {
    return this.#promptLength - 1 + this.#tokenIds.length;
  }

  get inverseTemperature(): number {
    return this.job.temperature === 0 ? 1 : 1 / this.job.temperature;
  }

  get wantedToken(): number {
    return this.job.forcedIds?.[this.#tokenIds.length] ?? (this.job.temperature === 0 ? GREEDY : DRAW);
  }

  /** Keyed by the position in the whole sequence: a rollout continued behind a tool's output draws fresh numbers. */
  get uniforms(): [number, number] {
    return uniformPair(this.#key, this.#promptLength + this.#tokenIds.length);
  }

  /** Takes the token just chosen; true if the row is finished with it. */
  take(tokenId: number, logProb: number): boolean {
    this.#tokenIds.push(tokenId);
    this.#logProbs.push(logProb);
    const isForced = this.job.forcedIds !== undefined;
    if (!isForced && this.#eosTokenIds.has(tokenId)) this.#finish = 'eos';
    else if (!isForced && this.#stop?.push(tokenId)) this.#finish = 'stop';
    else if (this.#tokenIds.length >= this.job.maxNewTokens) this.#finish = 'length';
    return this.#finish !== undefined;
  }

  get result(): FinishedRow {
    if (this.#finish === undefined) throw new Error('the row is not finished');
    return {
      callId: this.callId,
      index: this.job.index,
      tokenIds: this.#tokenIds,
      logProbs: this.#logProbs,
      finish: this.#finish,
    };
  }
}
