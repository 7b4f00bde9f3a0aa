import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDue, timesMeasured } from '../../../src/config/evaluation-schedule.ts';

const dueAt = (every: number | undefined, iterations: number): number[] =>
  Array.from({ length: iterations + 1 }, (_, iteration) => iteration).filter((iteration) =>
    isDue({ every }, { iteration, isEnd: iteration === 0 || iteration === iterations }),
  );

test('a suite is measured at the start, after every so many iterations and after the last', () => {
  expect(dueAt(undefined, 3)).toEqual([0, 1, 2, 3]);
  expect(dueAt(4, 10)).toEqual([0, 4, 8, 10]);
  expect(dueAt(4, 0)).toEqual([0]);
});

test('the dry run counts the evaluations that are due', () => {
  fc.assert(
    fc.property(fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }), fc.nat(60), (every, iterations) => {
      expect(timesMeasured({ every }, iterations)).toBe(dueAt(every, iterations).length);
    }),
  );
});
