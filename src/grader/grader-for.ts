/** The one way to a grader of a problem, also where the rules can't read its gold. */
import { boxedAnswer } from './extract/boxed.ts';
import { compileGold, grade, isGoldError } from './grade.ts';
import type { GradeOptions } from './options.ts';
import type { GradeResult } from './types.ts';

/**
 * Grades responses by the rules. The few golds that the rules can't read (see `checkProblems`) are compared as text.
 *
 * @param gold - The answer as published
 * @param options - Conventions that differ from the defaults
 * @example graderFor('\\frac{1}{2}')('so \\boxed{0.5}').verdict // 'correct'
 */
export function graderFor(gold: string, options: Partial<GradeOptions> = {}): (response: string) => GradeResult {
  const compiled = compileGold(gold, options);
  return isGoldError(compiled) ? (response) => gradeAsText(gold, response) : (response) => grade(compiled, response);
}

const collapsed = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** What is in the last box, or all of it, is the gold up to white space. */
function gradeAsText(gold: string, response: string): GradeResult {
  const answer = boxedAnswer(response) ?? response;
  const isEqual = [gold, boxedAnswer(gold)].some((text) => text !== undefined && collapsed(text) === collapsed(answer));
  return { verdict: isEqual ? 'correct' : 'incorrect', reason: isEqual ? 'identical' : 'text-differs', answer };
}
