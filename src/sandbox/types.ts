import type { ExecutionEnd } from '../rollout/types.ts';

/** What the rest of the system knows of the sandbox that runs the model's code. */

export interface ExecutionLimits {
  /** Processor time decides, so that load on the machine doesn't change outcomes. */
  readonly cpuMs: number;
  /** Catches code that sleeps or deadlocks. */
  readonly wallMs: number;
  readonly memoryBytes: number;
  /** Kept of each stream: head and tail with a marker between. */
  readonly outputBytes: number;
}

export interface ExecutionRequest {
  /** Unique in a call; returned with the result. */
  readonly id: string;
  /** Blocks that ran before in the same rollout, replayed for their state; their output is discarded. */
  readonly previousBlocks: readonly string[];
  readonly code: string;
  /** Seeds Python's `random`, numpy and hash order inside the snippet. */
  readonly seed: number;
  /** Whether the value of the last expression is wanted. Default: as the sandbox was created. */
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
  /** Waited for a free container. */
  readonly queueMs: number;
  /** Not run: the same request was answered before. */
  readonly cached: boolean;
  /** For `infrastructure`: what failed, for people; never shown to the model. */
  readonly cause?: string;
}

export interface SandboxCallOptions {
  readonly signal?: AbortSignal;
  readonly onResult?: (result: ExecutionResult) => void;
}

export interface Sandbox {
  readonly limits: ExecutionLimits;
  /** Digest of image, in-container program and limits: part of every step key that runs code. */
  readonly fingerprint: string;
  run(requests: readonly ExecutionRequest[], options?: SandboxCallOptions): Promise<ExecutionResult[]>;
  close(): Promise<void>;
}
