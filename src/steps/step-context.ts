import type { Progress } from '../protocol/progress.ts';

/** What the work of a step gets from the activity, the command or the test that runs it. */
export interface StepContext {
  /** Aborted when the step is cancelled, timed out or its worker shuts down. */
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
}
