import type { Progress } from '../protocol/progress.ts';

/** What the caller of a step (an activity, a command or a test) passes to it. */
export interface StepContext {
  /** Aborted when the step is cancelled, timed out or its worker shuts down. */
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
  /** Reports why the step waits for its sandbox. The next call of `report` clears it. Optional: tests and commands have no reader. */
  readonly waitFor?: (cause: string) => void;
}
