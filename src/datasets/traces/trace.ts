/** A worked solution that a user gives for the warm-up: text and code in turns. */
import type { Problem } from '../../rollout/types.ts';

export interface TraceTurn {
  /** What stands before the code, or at the end of the solution. */
  readonly text: string;
  /** Absent in the last turn. */
  readonly code?: string;
}

/** Recorded tool output is no part of it: the code is run again. */
export interface Trace extends Problem {
  readonly turns: readonly TraceTurn[];
}

/** A row that is a trace in form and can't be learnt from: it is left out and counted. */
export interface UnreadableTrace {
  readonly place: string;
  readonly reason: string;
}
