import type { ExecutionEnd } from '../rollout/types.ts';

/** Counters of one pool since its start. */
export interface SandboxMetrics {
  readonly executions: number;
  readonly ends: Readonly<Record<ExecutionEnd, number>>;
  readonly cacheHits: number;
  /** Requests moved to another container after the first was lost or starved. */
  readonly retries: number;
  /** Waiting time of requests for a free container: sum and maximum. */
  readonly queueMs: number;
  readonly queueMaxMs: number;
  readonly cpuMs: number;
  readonly containersStarted: number;
  readonly containersLost: number;
  readonly orphansRemoved: number;
  readonly sessionsResumed: number;
  readonly blocksReplayed: number;
  readonly slots: number;
  readonly queued: number;
}

export type MutableMetrics = { -readonly [K in keyof SandboxMetrics]: SandboxMetrics[K] } & {
  ends: Record<ExecutionEnd, number>;
};

export function emptyMetrics(): MutableMetrics {
  return {
    executions: 0,
    ends: { ok: 0, error: 0, 'cpu-timeout': 0, 'wall-timeout': 0, memory: 0, output: 0, infrastructure: 0 },
    cacheHits: 0,
    retries: 0,
    queueMs: 0,
    queueMaxMs: 0,
    cpuMs: 0,
    containersStarted: 0,
    containersLost: 0,
    orphansRemoved: 0,
    sessionsResumed: 0,
    blocksReplayed: 0,
    slots: 0,
    queued: 0,
  };
}
