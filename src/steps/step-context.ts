import type { Progress } from '../protocol/progress.ts';

/** What the caller of a step (an activity, a command or a test) passes to it. */
export interface StepContext {
  /** Aborted when the step is cancelled, timed out or its worker shuts down. */
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
  /** Says why the step waits for one of its parts; the next report ends the waiting. Absent where nobody is told. */
  readonly waitFor?: (cause: string) => void;
}
