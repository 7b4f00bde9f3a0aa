import type { Grading } from '../../activities/grade.ts';
import { boxedAnswer } from '../grader/extract/boxed.ts';
import { GRADER_FINGERPRINT } from '../grader/fingerprint.ts';
import { compileGold, grade, isGoldError } from '../grader/grade.ts';
import type { GradeResult } from '../grader/types.ts';

/** The grader with its default conventions. The few golds that it can't read (see `checkProblems`) are compared as text. */
export function createGrading(): Grading {
  return {
    fingerprint: GRADER_FINGERPRINT,
    graderOf: ({ answer }) => {
      const gold = compileGold(answer);
      return isGoldError(gold) ? (response) => gradeAsText(answer, response) : (response) => grade(gold, response);
    },
  };
}

const collapsed = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** What is in the last box, or all of it, is the gold up to white space. */
function gradeAsText(gold: string, response: string): GradeResult {
  const answer = boxedAnswer(response) ?? response;
  const isEqual = [gold, boxedAnswer(gold)].some((text) => text !== undefined && collapsed(text) === collapsed(answer));
  return { verdict: isEqual ? 'correct' : 'incorrect', reason: isEqual ? 'identical' : 'text-differs', answer };
}
