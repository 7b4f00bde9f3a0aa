/** The input of methods: a rollout's summary and its verdict. */
import type { RolloutSummary } from '../rollout/file.ts';
import type { Grade } from '../rollout/types.ts';

export interface ScoredSummary extends RolloutSummary {
  /** Absent for rollouts that did not complete: they are not graded. */
  readonly grade?: Grade;
  readonly gradeReason?: string;
  readonly answer?: string;
  /** Equal for rollouts in which the model wrote the same, white space aside; only where a method reads it. */
  readonly solution?: string;
}

/** How a rollout that broke its arm's rule counts in Q̂. It is never learnt from: what it shows is not the arm's. */
export const VIOLATION_RULES = ['left-out', 'wrong', 'graded'] as const;
/** How a rollout that used up its tokens or turns counts. */
export const TRUNCATION_RULES = ['wrong', 'wrong-unlearnt', 'left-out'] as const;

/** Whether a rollout may be learnt from whose last turn has neither code nor an answer. It is wrong in either case. */
export const VOID_TURN_RULES = ['learnt', 'left-out'] as const;

export interface CountingRules {
  /** Absent: `left-out`. */
  readonly violations?: (typeof VIOLATION_RULES)[number];
  /** Absent: `wrong`. */
  readonly truncated?: (typeof TRUNCATION_RULES)[number];
  /** Absent: `learnt`. */
  readonly voidTurns?: (typeof VOID_TURN_RULES)[number];
}

export interface Counted {
  readonly reward: 0 | 1;
  /** Whether its tokens may enter the loss. */
  readonly isLearnt: boolean;
}

/**
 * What a rollout says about its arm; undefined for one that says nothing: infrastructure failures, undecided grades, and
 * what the rules leave out.
 */
export function countRollout(
  rollout: ScoredSummary,
  { violations = 'left-out', truncated = 'wrong', voidTurns = 'learnt' }: CountingRules,
): Counted | undefined {
  switch (rollout.state) {
    case 'completed':
      // A turn that runs code goes on, so the last one of a rollout without an answer is void.
      return counted(gradeOf(rollout), voidTurns === 'learnt' || rollout.answer !== undefined);
    case 'truncated':
      // Without a token there is nothing to learn: the prompt alone was too long.
      return truncated === 'left-out' ? undefined : counted(0, truncated === 'wrong' && rollout.modelTokens > 0);
    case 'violation':
      if (violations === 'left-out') return undefined;
      return counted(violations === 'wrong' ? 0 : gradeOf(rollout), false);
    case 'infrastructure':
    case 'open':
    case 'awaiting-execution':
      return undefined;
  }
}

const counted = (reward: 0 | 1 | undefined, isLearnt: boolean): Counted | undefined =>
  reward === undefined ? undefined : { reward, isLearnt };

const gradeOf = ({ grade }: ScoredSummary): 0 | 1 | undefined =>
  grade === 'correct' ? 1 : grade === 'incorrect' ? 0 : undefined;

/**
 * What a user of the arm gets: a violation has its grade where it was graded, else it counts as wrong, and so does a
 * truncated rollout, since both arms have equal budgets. Undefined for infrastructure failures and undecided grades.
 */
export const reward = (rollout: ScoredSummary): 0 | 1 | undefined =>
  countRollout(rollout, { violations: rollout.grade === undefined ? 'wrong' : 'graded' })?.reward;
