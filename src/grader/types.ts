import type { Grade } from '../rollout/types.ts';

/** What the rest of the system knows of the grader. It never throws on an answer and bounds its own work. */

export interface GradeResult {
  readonly verdict: Grade;
  /** Stable code of the rule that decided, e.g. `integer-equal`, `no-answer`, `number-differs`. */
  readonly reason: string;
  /** The answer that was found in the response; absent if none was. */
  readonly answer?: string;
}
