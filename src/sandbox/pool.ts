/** Assigns requests to containers first come, first served, and retries on another container where one fails. */
import { describeError } from './docker-connection.ts';
import { LeastRecentMap } from './least-recent-map.ts';
import { type Reply, replySchema } from './messages.ts';
import type { MutableMetrics } from './metrics.ts';
import type { Slot } from './slot.ts';
import type { SlotKeeper } from './slot-keeper.ts';
import { runMessage } from './snippet-call.ts';
import { stateKey } from './state-key.ts';
import type { ExecutionLimits, ExecutionRequest, ExecutionResult } from './types.ts';

const MAX_ATTEMPTS = 3;
const REMEMBERED_DEATHS = 10_000;

interface Job {
  readonly request: ExecutionRequest;
  readonly settle: (result: ExecutionResult) => void;
  readonly isCancelled: () => boolean;
  readonly queuedAtMs: number;
  attempts: number;
  /** Waiting time before the first attempt. */
  queueMs: number;
  /** Slot of the last failed attempt; the retry takes another one if possible. */
  avoid: Slot | undefined;
}

export interface PoolSettings {
  readonly limits: ExecutionLimits;
  readonly showValue: boolean;
  readonly metrics: MutableMetrics;
}

export class Pool {
  private readonly idle: Slot[] = [];
  private queue: Job[] = [];
  /** Ends after which the process is dead. Such a block is skipped when its successors are replayed. */
  private readonly deadStates = new LeastRecentMap<true>(REMEMBERED_DEATHS);
  private closed = false;

  constructor(
    private readonly settings: PoolSettings,
    readonly keepers: SlotKeeper[],
  ) {}

  get queued(): number {
    return this.queue.length;
  }

  /** Never rejects: a request that can't run ends as `infrastructure` with its cause. */
  execute(request: ExecutionRequest, isCancelled: () => boolean): Promise<ExecutionResult> {
    return new Promise((settle) => {
      this.queue.push({
        request,
        settle,
        isCancelled,
        queuedAtMs: Date.now(),
        attempts: 0,
        queueMs: 0,
        avoid: undefined,
      });
      this.dispatch();
    });
  }

  /** Called when a container becomes ready or free. */
  offer(slot: Slot): void {
    if (slot.lost !== undefined || this.idle.includes(slot)) return;
    this.idle.push(slot);
    this.dispatch();
  }

  /** Takes an idle container out of service for a check; undefined if none is idle. */
  borrow(slot: Slot): Slot | undefined {
    const index = this.idle.indexOf(slot);
    return index < 0 ? undefined : this.idle.splice(index, 1)[0];
  }

  dispatch(): void {
    while (this.queue.length > 0) {
      if (this.closed || this.keepers.every((keeper) => keeper.isDown)) {
        const cause = this.closed ? 'the sandbox was closed' : this.keepers.map((k) => k.breaker.lastCause).join('; ');
        for (const job of this.queue.splice(0)) this.finish(job, infrastructure(job.request, cause));
        return;
      }
      const slot = this.chooseSlot(this.queue[0]);
      if (slot === undefined) return;
      const job = this.queue.shift();
      if (job === undefined) return;
      if (job.isCancelled()) {
        this.offer(slot);
        this.finish(job, infrastructure(job.request, 'the call was cancelled'));
      } else void this.attempt(job, slot);
    }
  }

  private chooseSlot(job: Job | undefined): Slot | undefined {
    if (job === undefined) return undefined;
    for (let i = this.idle.length - 1; i >= 0; i--) if (this.idle[i]?.lost !== undefined) this.idle.splice(i, 1);
    const { previousBlocks, seed } = job.request;
    const key = previousBlocks.length > 0 ? stateKey(seed, previousBlocks) : undefined;
    let index = key === undefined ? -1 : this.idle.findIndex((slot) => slot.keptKeys.has(key));
    if (index < 0) index = this.idle.findIndex((slot) => slot !== job.avoid);
    if (index < 0) index = this.idle.length - 1;
    return index < 0 ? undefined : this.idle.splice(index, 1)[0];
  }

  private async attempt(job: Job, slot: Slot): Promise<void> {
    const { request } = job;
    const { metrics } = this.settings;
    if (job.attempts === 0) {
      job.queueMs = Date.now() - job.queuedAtMs;
      metrics.queueMs += job.queueMs;
      metrics.queueMaxMs = Math.max(metrics.queueMaxMs, job.queueMs);
    }
    job.attempts++;
    try {
      const reply = await this.runIn(slot, request);
      slot.runs++;
      if (this.keeperOf(slot)?.release(slot)) this.offer(slot);
      if (reply.end === 'starved') this.retry(job, slot, 'the snippet got too little of the processor on this host');
      else this.finish(job, toResult(job, reply.end, reply));
    } catch (error) {
      this.retry(job, slot, describeError(error));
    }
    this.dispatch();
  }

  private async runIn(slot: Slot, request: ExecutionRequest): Promise<Reply> {
    const { seed, previousBlocks, code } = request;
    const { limits, metrics } = this.settings;
    const showValue = request.showValue ?? this.settings.showValue;
    const resumeKey = previousBlocks.length > 0 ? stateKey(seed, previousBlocks) : undefined;
    const keepKey = stateKey(seed, [...previousBlocks, code]);
    const blockKey = (index: number) => stateKey(seed, previousBlocks.slice(0, index + 1));
    const skip = previousBlocks.map((_, index) => index).filter((index) => this.deadStates.get(blockKey(index)));
    const call = { code, limits, seed, previousBlocks, skip, keepKey, showValue };
    const message = runMessage(resumeKey === undefined ? call : { ...call, resumeKey });
    const reply = await slot.call(message, replySchema);
    for (const index of reply.skipped) this.deadStates.set(blockKey(index), true);
    if (reply.died && reply.end !== 'starved') this.deadStates.set(keepKey, true);
    if (resumeKey !== undefined) slot.keptKeys.delete(resumeKey);
    if (reply.kept) slot.keptKeys.add(keepKey);
    if (reply.resumed) metrics.sessionsResumed++;
    metrics.blocksReplayed += reply.replayed;
    return reply;
  }

  private retry(job: Job, slot: Slot, cause: string): void {
    if (job.attempts >= MAX_ATTEMPTS || this.closed) {
      this.finish(job, infrastructure(job.request, `${cause} (attempt ${job.attempts} of ${MAX_ATTEMPTS})`));
      return;
    }
    this.settings.metrics.retries++;
    job.avoid = slot;
    this.queue.unshift(job);
  }

  private finish(job: Job, result: ExecutionResult): void {
    const { metrics } = this.settings;
    metrics.executions++;
    metrics.ends[result.end]++;
    metrics.cpuMs += result.cpuMs;
    job.settle(result);
  }

  private keeperOf(slot: Slot): SlotKeeper | undefined {
    return this.keepers.find((keeper) => keeper.slots.has(slot));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.dispatch();
    await Promise.all(this.keepers.map((keeper) => keeper.close()));
  }
}

function infrastructure(request: ExecutionRequest, cause: string): ExecutionResult {
  return {
    id: request.id,
    end: 'infrastructure',
    stdout: '',
    stderr: '',
    cpuMs: 0,
    memoryBytes: 0,
    queueMs: 0,
    cached: false,
    cause,
  };
}

function toResult({ request, queueMs }: Job, end: ExecutionResult['end'], reply: Reply): ExecutionResult {
  return {
    id: request.id,
    end,
    stdout: reply.stdout,
    stderr: reply.stderr,
    ...(reply.value === undefined ? {} : { value: reply.value }),
    ...(reply.exception === undefined ? {} : { exception: reply.exception }),
    cpuMs: reply.cpuMs,
    memoryBytes: reply.memoryBytes,
    queueMs,
    cached: false,
  };
}
