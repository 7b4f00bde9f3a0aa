import { describe, expect, it } from 'vitest';
import { checkDisjoint, checkProblems } from '../../../src/datasets/check-problems.ts';
import { createGrading } from '../../../src/scoring/rules-scorer.ts';

const problems = (count: number, answers: Readonly<Record<number, string>> = {}) =>
  Array.from({ length: count }, (_, at) => ({
    id: `p${at}`,
    problem: `what is ${at} + 1?`,
    answer: answers[at] ?? '7',
  }));

describe('a set of problems', () => {
  it('may have numbers, formulas, letters and words as answers', () => {
    const golds = ['7', '\\frac{1}{2}', '(A)', '\\text{Monday}', 'east', 'x^2 + 1', '(3, 4)', '\\text{June 20}'];
    expect(checkProblems('training', problems(8, { ...golds.slice(0, 7) }))).toEqual([]);
  });

  it('may have at most 2 % of answers that are graded as text, and they are listed', () => {
    const unreadable = { 3: '\\frac{1', 60: '??' };
    expect(checkProblems('training', problems(100, unreadable)).map(({ id }) => id)).toEqual(['p3', 'p60']);
    expect(() => checkProblems('training', problems(99, unreadable))).toThrow(
      /^2 of 99 training answers can't be read by the grader: p3 \(.*\), p60 .*; at most 2 % of a set \(here 1\)/,
    );
  });

  it('is refused when it is empty or an id comes twice', () => {
    expect(() => checkProblems('evaluation held', [])).toThrow('the evaluation held problems are empty');
    expect(() => checkProblems('training', [...problems(3), ...problems(1)])).toThrow('"p0" comes twice');
  });

  it('is refused when it shares a problem with the training problems, however it is typeset', () => {
    const training = problems(5);
    const other = { id: 'x', problem: 'What is $2 + 1$ ?', answer: '3' };
    expect(() => checkDisjoint(training, 'held', [other])).toThrow(
      'shares problem "x = p2" with the training problems',
    );
    expect(() => checkDisjoint(training, 'held', [{ ...other, problem: 'what is 9 + 1?' }])).not.toThrow();
  });
});

describe('a gold that the grader can’t read', () => {
  const gold = `${'nested '.repeat(700)}end`;
  const grade = createGrading().graderOf({ id: 'p', problem: 'q', answer: gold });

  it('is compared as text, white space apart', async () => {
    expect(await grade(`so it is \\boxed{${gold.replaceAll(' ', '  ')}}`)).toMatchObject({ verdict: 'correct' });
    expect(await grade('\\boxed{7}')).toMatchObject({ verdict: 'incorrect', reason: 'text-differs', answer: '7' });
  });
});
