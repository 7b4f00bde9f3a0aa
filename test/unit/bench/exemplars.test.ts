import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseExemplars, EXEMPLAR_CHOICES } from '../../../src/bench/exemplars.ts';

const solved = [
  { problem: 'Bob has 4 eggs and 9 pens. How many things?', solution: '4+9=13. \\boxed{13}' },
  { problem: 'Ann has 7 eggs and 2 pens. How many things?', solution: 'We add.\n7+2=9\nSo \\boxed{9}' },
  { problem: 'What is the last digit of 7^4?', solution: '7, 9, 3, 1. It is 1. \\boxed{1}' },
  { problem: 'How many days are 3 weeks?', solution: '21' },
];
const problems = (choice: (typeof EXEMPLAR_CHOICES)[number], count: number): number[] =>
  chooseExemplars(solved, choice, count).map((item) => solved.indexOf(item));

test('exemplars are the first ones, the ones with most steps, or unlike one another', () => {
  expect(problems('first', 2)).toEqual([0, 1]);
  expect(problems('longest', 2)).toEqual([1, 2]);
  // The second is like the first but for its numbers, so it is the last one taken.
  expect(problems('spread', 4).at(-1)).toBe(1);
  expect(problems('spread', 2)).toEqual([0, 2]);
});

test('every choice gives as many different ones as there are', () => {
  const items = fc.uniqueArray(fc.record({ problem: fc.string(), solution: fc.string() }), {
    selector: ({ problem }) => problem,
    maxLength: 12,
  });
  fc.assert(
    fc.property(items, fc.constantFrom(...EXEMPLAR_CHOICES), fc.integer({ min: 1, max: 15 }), (all, choice, count) => {
      const chosen = chooseExemplars(all, choice, count);
      expect(new Set(chosen).size).toBe(Math.min(count, all.length));
      for (const item of chosen) expect(all).toContain(item);
    }),
  );
});
