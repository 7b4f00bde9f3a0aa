/** What the method needs of a graded rollout: its summary and its verdict. */
import type { RolloutSummary } from '../rollout/file.ts';
import type { Grade } from '../rollout/types.ts';

export interface ScoredSummary extends RolloutSummary {
  /** Absent where nothing was graded: only completed rollouts are. */
  readonly grade?: Grade;
  readonly gradeReason?: string;
  readonly answer?: string;
}

/**
 * The verdict as a number: 1 or 0 for rollouts that say something about the model, undefined for those that don't
 * (violations, infrastructure failures, undecided grades). Truncated counts as wrong: both arms have equal budgets.
 */
export function reward(rollout: ScoredSummary): 0 | 1 | undefined {
  switch (rollout.state) {
    case 'completed':
      return rollout.grade === 'correct' ? 1 : rollout.grade === 'incorrect' ? 0 : undefined;
    case 'truncated':
      return 0;
    case 'violation':
    case 'infrastructure':
    case 'open':
    case 'awaiting-execution':
      return undefined;
  }
}
