/** The inference threads: start, hand out units of rows to the least busy, hear back. */
import { Worker } from 'node:worker_threads';
import type { DecoderModel } from './decoder-session.ts';
import { SamplerCrashError } from './errors.ts';
import type { FromThread, JobUnit, ThreadStart, TokenByteTable, ToThread } from './messages.ts';

type Advanced = Extract<FromThread, { kind: 'advanced' }>;

export interface ThreadPoolEvents {
  readonly onAdvanced: (advanced: Advanced) => void;
  /** Called once; the pool is of no use after it. */
  readonly onCrash: (error: SamplerCrashError) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly number: number;
  /** Rows that it has and has not finished. */
  rows: number;
}

/** Keys of kept KV that are remembered; the oldest are forgotten, which costs a recomputation. */
const MAX_KEPT_KEYS = 20_000;

export class ThreadPool {
  readonly #threads: readonly Thread[];
  readonly #events: ThreadPoolEvents;
  readonly #maxRowsPerThread: number;
  readonly #holders = new Map<string, number>();
  #isOver = false;

  private constructor(workers: readonly Worker[], maxRowsPerThread: number, events: ThreadPoolEvents) {
    this.#threads = workers.map((worker, number) => ({ worker, number, rows: 0 }));
    this.#events = events;
    this.#maxRowsPerThread = maxRowsPerThread;
    for (const thread of this.#threads) {
      thread.worker.on('message', (message: FromThread) => this.#hear(thread, message));
      thread.worker.on('error', (error) => this.#crash(error instanceof Error ? error.message : String(error)));
      thread.worker.on('exit', (code) => this.#crash(`exit code ${code}`));
    }
  }

  /** Resolves when every thread has its session. Rejects with SamplerCrashError if one can't make it. */
  static async start(threads: number, start: ThreadStart, events: ThreadPoolEvents): Promise<ThreadPool> {
    const workers = Array.from({ length: threads }, () => startWorker(start));
    try {
      await Promise.all(workers.map(ready));
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.terminate()));
      throw error;
    }
    return new ThreadPool(workers, start.maxRows, events);
  }

  /**
   * Gives the unit to the thread that keeps its KV, else to the one with the fewest rows, if it has room; a little
   * ahead, so that it never waits.
   */
  tryEnqueue(unit: JobUnit): boolean {
    const idlest = this.#threads.reduce((least, other) => (other.rows < least.rows ? other : least));
    const thread = (unit.holder === undefined ? undefined : this.#threads[unit.holder]) ?? idlest;
    const ahead = Math.ceil(this.#maxRowsPerThread / 4);
    if (thread.rows >= this.#maxRowsPerThread + ahead) return false;
    thread.rows += unit.rows.length;
    this.#send(thread, { kind: 'enqueue', unit });
    return true;
  }

  /** The thread that keeps the KV of this key, as far as is known here; asked once, as it hands it over. */
  holderOf(keptKey: string): number | undefined {
    const holder = this.#holders.get(keptKey);
    this.#holders.delete(keptKey);
    return holder;
  }

  /** Other weights for all threads; resolves when each has them. The pool crashes if one can't take them. */
  async swap(model: DecoderModel): Promise<void> {
    this.#holders.clear();
    await Promise.all(
      this.#threads.map((thread) => {
        const taken = ready(thread.worker);
        this.#send(thread, { kind: 'swap', model });
        return taken;
      }),
    );
  }

  setTokenBytes(table: TokenByteTable): void {
    for (const thread of this.#threads) this.#send(thread, { kind: 'token-bytes', table });
  }

  cancel(callId: number): void {
    for (const thread of this.#threads) this.#send(thread, { kind: 'cancel', callId });
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #send(thread: Thread, message: ToThread): void {
    thread.worker.postMessage(message);
  }

  #hear(thread: Thread, message: FromThread): void {
    switch (message.kind) {
      case 'ready':
        return;
      case 'advanced':
        thread.rows -= message.finished.length + message.cancelledRows;
        for (const { keptKey } of message.finished) if (keptKey !== undefined) this.#remember(keptKey, thread.number);
        this.#events.onAdvanced(message);
        return;
      case 'failed':
        this.#crash(message.message);
        return;
    }
  }

  #remember(keptKey: string, holder: number): void {
    this.#holders.set(keptKey, holder);
    const [oldest] = this.#holders.keys();
    if (this.#holders.size > MAX_KEPT_KEYS && oldest !== undefined) this.#holders.delete(oldest);
  }

  #crash(reason: string): void {
    if (this.#isOver) return;
    void this.close();
    this.#events.onCrash(new SamplerCrashError(`an inference thread of the sampler died: ${reason}`));
  }
}

function startWorker(start: ThreadStart): Worker {
  return new Worker(new URL('./thread-entry.mjs', import.meta.url), { workerData: start, execArgv: [] });
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void =>
      reject(new SamplerCrashError(`an inference thread of the sampler did not start: ${reason}`));
    const hear = (message: FromThread): void => {
      // Reports of the last rows may still come in.
      if (message.kind === 'advanced') return;
      forget();
      if (message.kind === 'ready') resolve();
      else fail(message.message);
    };
    const onError = (error: unknown): void => fail(error instanceof Error ? error.message : String(error));
    const onExit = (code: number): void => fail(`exit code ${code}`);
    const forget = (): void => {
      worker.off('message', hear).off('error', onError).off('exit', onExit);
    };
    worker.on('message', hear).once('error', onError).once('exit', onExit);
  });
}
