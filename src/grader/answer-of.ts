/** What a response answers, where there is no gold to compare with. */
import { readAnswer } from './compile.ts';
import { findAnswers } from './extract/extract.ts';
import { finalPart } from './extract/final-part.ts';

/**
 * The answer that the grader would read; undefined where the response gives none.
 *
 * @example answerOf('So the sum is \\boxed{42}.') // '42'
 */
export function answerOf(response: string): string | undefined {
  for (const found of findAnswers(finalPart(response), (part) => readAnswer(part)?.isMathematics === true))
    if (found.how !== 'none') return found.answer;
  return undefined;
}
