import { toContainerLimits } from './limits.ts';
import type { ExecutionLimits } from './types.ts';

/** Only sessions that used this much CPU are kept: replaying cheap blocks costs less than keeping a process. */
const KEEP_ABOVE_CPU_MS = 40;

export interface SnippetCall {
  readonly code: string;
  readonly limits: ExecutionLimits;
  readonly seed?: number;
  readonly previousBlocks?: readonly string[];
  /** Indices of the previous blocks that are known to leave no state. */
  readonly skip?: readonly number[];
  /** Key of the state to continue from, if the container has a session for it. */
  readonly resumeKey?: string;
  /** Key under which the state after this block may be kept. */
  readonly keepKey?: string;
  readonly showValue?: boolean;
}

/** The message that makes a container run one block. */
export function runMessage(call: SnippetCall): unknown {
  return {
    op: 'run',
    code: call.code,
    limits: toContainerLimits(call.limits),
    seed: call.seed ?? 0,
    previousBlocks: call.previousBlocks ?? [],
    skip: call.skip ?? [],
    resumeKey: call.resumeKey ?? null,
    keepKey: call.keepKey ?? null,
    showValue: call.showValue ?? false,
    keepAboveCpuMs: KEEP_ABOVE_CPU_MS,
  };
}
