import { expect, it } from 'vitest';
import { computedValue, reasonedValue } from '../../../../src/grader/extract/computations.ts';

it.each([
  ['They spend $6 + $5 + $3 = $14 for the salad', '$14'],
  ['30 slices / 2 adults = 15 slices/adult', '15'],
  ['Her pay is $1000 + $500 = $1500 a month', '$1500'],
  ['So n + 5 = 20', undefined],
  ['It is 7', undefined],
  ['It is not 10 + 5 = 15', 'held'],
  ['They pay 3 + 4 = 7/2', undefined],
])('%s computes %s', (sentence, value) => {
  expect(computedValue(sentence)).toBe(value);
});

it('reads the value that a sentence states and computes behind because', () => {
  expect(reasonedValue('20 customers go home without any fish because 100 - 80 = 20')).toBe('20');
  expect(reasonedValue('20 is a trap because 100 - 80 = 20')).toBe('held');
  expect(reasonedValue('He is tall because 100 - 80 = 20')).toBeUndefined();
});

it.each(['1 + ', '1 ab ab + ', '1 x -', '1 + 1 ab = 1 + ', '(', '1 because 1 + 1 = ', '1 times 1 equals '])(
  'reads 600 characters of %s in less than 100 ms of CPU time',
  (piece) => {
    const text = piece.repeat(600).slice(0, 590);
    const start = process.cpuUsage();
    for (const end of ['=', '= 2', ' equals 2']) {
      computedValue(text + end);
      reasonedValue(`x 2 because ${text}${end}`);
      reasonedValue(text + end);
    }
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(100);
  },
);
