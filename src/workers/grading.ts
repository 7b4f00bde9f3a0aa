import type { Grading } from '../../activities/score.ts';
import { compileGold, grade, isGoldError } from '../grader/grade.ts';
import { DEFAULT_OPTIONS } from '../grader/options.ts';

/** Bumped when the grader's verdicts change, so that stored grades are not taken for its own. */
const GRADER_VERSION = 1;

/** The grader with its default conventions. A gold that it can't read leaves its rollouts undecided, never wrong. */
export function createGrading(): Grading {
  return {
    fingerprint: JSON.stringify({ version: GRADER_VERSION, options: DEFAULT_OPTIONS }),
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
