import { describe, expect, it } from 'vitest';
import { gradingOf } from '../../../src/config/defaults.ts';
import { DEFAULT_OPTIONS, gradingSchema } from '../../../src/grader/options.ts';
import { createGrading } from '../../../src/scoring/rules-scorer.ts';

describe('the grading section', () => {
  it('leaves no trace in a plan where it says what holds anyway', () => {
    expect(gradingOf({})).toEqual({});
    expect(gradingOf({ grading: gradingSchema.parse({}) })).toEqual({});
    expect(gradingOf({ grading: gradingSchema.parse({ units: DEFAULT_OPTIONS.units }) })).toEqual({});
  });

  it('is in a plan by what differs', () => {
    expect(gradingOf({ grading: gradingSchema.parse({ listOrder: 'fixed' }) })).toEqual({
      grading: { listOrder: 'fixed' },
    });
  });

  it('is what answers are graded by', () => {
    const problem = { id: 'p', problem: 'q', answer: '1, 2' };
    const { graderOf } = createGrading();
    expect(graderOf(problem)('\\boxed{2, 1}')).toMatchObject({ verdict: 'correct' });
    expect(graderOf(problem, { listOrder: 'fixed' })('\\boxed{2, 1}')).toMatchObject({ verdict: 'incorrect' });
  });

  it('refuses what there is not', () => {
    expect(gradingSchema.safeParse({ listOrder: 'sorted' }).success).toBe(false);
    expect(gradingSchema.safeParse({ rounding: true }).success).toBe(false);
    expect(gradingSchema.safeParse({ minSignificantDigits: 0 }).success).toBe(false);
  });
});
