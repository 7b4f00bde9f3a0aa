import { expect, it } from 'vitest';
import type { EvaluatedProblem } from '../../../src/scoring/evaluated-problem.ts';
import { chipsOf, regretText, shareText, takenText, tallyCell, targetText } from '../../../src/web/problem-rows.ts';

const rowOf = (marks: EvaluatedProblem['marks']): EvaluatedProblem => ({
  problem: { id: 'p', problem: '', answer: '' },
  arms: {},
  marks,
});

it('has a chip for every mark that a problem has, and for the chosen one', () => {
  const rows = [rowOf(['wrong-arm', 'undecided']), rowOf(['wrong-arm']), rowOf([])];
  const labels = (chosen?: 'truncated') => chipsOf(rows, chosen).map(({ label, count }) => [label, count]);
  expect(labels()).toEqual([
    ['all', 3],
    ['wrong arm', 2],
    ['undecided', 1],
  ]);
  expect(labels('truncated')).toContainEqual(['truncated', 0]);
});

it.each([
  [undefined, { text: '–' }],
  [
    { right: 1, n: 1, undecided: 0 },
    { text: 'right', verdict: 'correct' },
  ],
  [
    { right: 0, n: 1, undecided: 0 },
    { text: 'wrong', verdict: 'incorrect' },
  ],
  [{ right: 3, n: 4, undecided: 0 }, { text: '3/4' }],
  [
    { right: 4, n: 4, undecided: 0 },
    { text: '4/4', verdict: 'correct' },
  ],
  [{ right: 2, n: 3, undecided: 1 }, { text: '2/3, 1 undecided' }],
  [
    { right: 0, n: 0, undecided: 1 },
    { text: 'undecided', verdict: 'undecided' },
  ],
  [
    { right: 0, n: 0, undecided: 3 },
    { text: '3 undecided', verdict: 'undecided' },
  ],
] as const)('the verdicts %j are written as %j', (tally, cell) => {
  expect(tallyCell(tally)).toEqual(cell);
});

it('names the arm that was taken, with its share where it was not always taken', () => {
  expect(takenText({ taken: 'code', autoCode: 1 })).toBe('code');
  expect(takenText({ taken: 'code', autoCode: 0.75 })).toBe('code 75 %');
  expect(takenText({ taken: 'cot', autoCode: 0.25 })).toBe('cot 75 %');
  expect(takenText({})).toBe('–');
});

it('writes targets, shares and regrets, and why there is no target', () => {
  expect([targetText({ target: 0.884 }), targetText({ noTarget: 'tie' }), targetText({})]).toEqual([
    '0.88',
    'tie',
    '–',
  ]);
  expect([shareText(0.0449), shareText(undefined)]).toEqual(['0.04', '–']);
  expect([regretText(1), regretText(0), regretText(-0.25), regretText(undefined)]).toEqual(['1.00', '0', '−0.25', '–']);
});
