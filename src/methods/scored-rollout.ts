/** The input of methods: a rollout's summary and its verdict. */
import type { RolloutSummary } from '../rollout/file.ts';
import type { Grade } from '../rollout/types.ts';

export interface ScoredSummary extends RolloutSummary {
  /** Absent for rollouts that did not complete: they are not graded. */
  readonly grade?: Grade;
  readonly gradeReason?: string;
  readonly answer?: string;
}

/**
 * The verdict as a number: 1 or 0 for valid rollouts, undefined for violations, infrastructure failures and undecided
 * grades. A truncated rollout counts as wrong, since both arms have equal budgets.
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
