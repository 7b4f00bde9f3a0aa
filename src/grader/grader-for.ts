/** The one way to a grader of a problem, also where the rules can't read its gold. */
import { boxedAnswer } from './extract/boxed.ts';
import { finalPart } from './extract/final-part.ts';
import { compileGold, explainGrade, isGoldError } from './grade.ts';
import type { GradeOptions } from './options.ts';
import type { GradeResult } from './types.ts';

/** The verdict on a response; the steps that led to it are written to `trace`. */
export type Grader = (response: string, trace?: string[]) => GradeResult;

/**
 * Grades responses by the rules. The few golds that the rules can't read (see `checkProblems`) are compared as text.
 *
 * @param gold - The answer as published
 * @param options - Conventions that differ from the defaults
 * @example graderFor('\\frac{1}{2}')('so \\boxed{0.5}').verdict // 'correct'
 */
export function graderFor(gold: string, options: Partial<GradeOptions> = {}): Grader {
  const compiled = compileGold(gold, options);
  if (isGoldError(compiled))
    return (response, trace) => {
      trace?.push(`gold is compared as text: ${compiled.error}`);
      return gradeAsText(gold, response);
    };
  return (response, trace) => {
    trace?.push(`gold read as ${compiled.kind}`);
    return explainGrade(compiled, response, trace);
  };
}

const collapsed = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** What is in the last box, or all of it, is the gold up to white space. */
function gradeAsText(gold: string, response: string): GradeResult {
  const said = finalPart(response);
  const answer = boxedAnswer(said) ?? said;
  const isEqual = [gold, boxedAnswer(gold)].some((text) => text !== undefined && collapsed(text) === collapsed(answer));
  return { verdict: isEqual ? 'correct' : 'incorrect', reason: isEqual ? 'identical' : 'text-differs', answer };
}
