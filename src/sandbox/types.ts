import type { ExecutionEnd } from '../rollout/types.ts';

/** The sandbox's interface to the rest of the system. */

export interface ExecutionLimits {
  /** CPU time is decisive, so that load on the machine doesn't change outcomes. */
  readonly cpuMs: number;
  /** Limits code that sleeps or deadlocks. */
  readonly wallMs: number;
  readonly memoryBytes: number;
  /** Kept bytes of each stream: head and tail with a marker between them. */
  readonly outputBytes: number;
}

export interface ExecutionRequest {
  /** Unique within a call; returned with the result. */
  readonly id: string;
  /** Earlier blocks of the rollout, replayed for their state; their output is discarded. */
  readonly previousBlocks: readonly string[];
  readonly code: string;
  /** Seeds Python's `random`, numpy and hash order inside the snippet. */
  readonly seed: number;
  /** Whether to return the value of the last expression. Default: the sandbox's setting. */
  readonly showValue?: boolean;
}

export interface ExecutionResult {
  readonly id: string;
  readonly end: ExecutionEnd;
  readonly stdout: string;
  readonly stderr: string;
  /** `repr` of the last expression, as a notebook would show it; only when asked for and there is one. */
  readonly value?: string;
  /** Last line of the traceback. */
  readonly exception?: string;
  readonly cpuMs: number;
  readonly memoryBytes: number;
  /** Waiting time for a free container. */
  readonly queueMs: number;
  /** The result comes from the cache; nothing ran. */
  readonly cached: boolean;
  /** For `infrastructure`: the cause, for people. It is never shown to the model. */
  readonly cause?: string;
}

export interface SandboxCallOptions {
  readonly signal?: AbortSignal;
  readonly onResult?: (result: ExecutionResult) => void;
}

export interface Sandbox {
  readonly limits: ExecutionLimits;
  /** Digest of image, in-container program and limits: part of the key of every step that runs code. */
  readonly fingerprint: string;
  run(requests: readonly ExecutionRequest[], options?: SandboxCallOptions): Promise<ExecutionResult[]>;
  close(): Promise<void>;
}
