import { describe, expect, it } from 'vitest';
import { compileGold, grade, isGoldError } from '../../../src/grader/grade.ts';
import { CASE_FILES } from './case-files.ts';
import { CATEGORIES } from './categories.ts';

describe.each([...CATEGORIES, ...CASE_FILES])('grades $name', ({ cases }) => {
  it.each(cases.map(([gold, right, wrong]) => ({ gold, right, wrong })))('$gold', ({ gold, right, wrong }) => {
    const compiled = compileGold(gold);
    if (isGoldError(compiled)) throw new Error(compiled.error);
    const verdicts = (answers: readonly string[]) =>
      answers.map((answer) => `${answer} → ${grade(compiled, answer).verdict}`);
    expect(verdicts(right)).toEqual(right.map((answer) => `${answer} → correct`));
    expect(verdicts(wrong)).toEqual(wrong.map((answer) => `${answer} → incorrect`));
  });
});
