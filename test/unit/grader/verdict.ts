import { compileGold, grade, isGoldError } from '../../../src/grader/grade.ts';
import type { GradeOptions } from '../../../src/grader/options.ts';

/** The verdict on one pair; a gold that can't be read is a verdict of its own. */
export function verdictOf(gold: string, answer: string, options: Partial<GradeOptions> = {}): string {
  const compiled = compileGold(gold, options);
  return isGoldError(compiled) ? `gold: ${compiled.error}` : grade(compiled, answer).verdict;
}
