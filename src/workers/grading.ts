import type { Grading } from '../../activities/score.ts';
import { GRADER_FINGERPRINT } from '../../activities/support/grader-fingerprint.ts';
import { compileGold, grade, isGoldError } from '../grader/grade.ts';

/** The grader with its default conventions. A gold that it can't read leaves its rollouts undecided, never wrong. */
export function createGrading(): Grading {
  return {
    fingerprint: GRADER_FINGERPRINT,
    whyUnreadable: ({ answer }) => {
      const gold = compileGold(answer);
      return isGoldError(gold) ? gold.error : undefined;
    },
    graderOf: ({ answer }) => {
      const gold = compileGold(answer);
      if (isGoldError(gold)) return () => ({ verdict: 'undecided', reason: 'gold-unreadable' });
      return (response) => grade(gold, response);
    },
  };
}
