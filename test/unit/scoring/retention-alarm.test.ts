import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measureMean } from '../../../src/scoring/measure.ts';
import { retentionAlarm } from '../../../src/scoring/retention-alarm.ts';

/** Evaluations with so many right of 200 after iterations 0, 1, …; null is one without `auto`. */
const measured = (rights: readonly (number | null)[]) =>
  rights.map((right, iteration) => {
    const auto = right === null ? undefined : measureMean(Array.from({ length: 200 }, (_, at) => (at < right ? 1 : 0)));
    return { iteration, metrics: { accuracy: auto === undefined ? {} : { auto }, selectionAccuracy: {} } };
  });

test('a fall below the start names the suite, both shares and what helps', () => {
  expect(retentionAlarm('gsm8k', measured([160, 150, 82]))).toEqual([
    {
      kind: 'forgetting',
      iteration: 2,
      message: 'auto on gsm8k fell from 80 % at the start to 41 %',
      action: expect.stringContaining('train.klWeight'),
    },
  ]);
});

test.each([[[]], [[100]], [[100, null]], [[null, 100]], [[100, 95]], [[100, 30, 98]]])('%j raises none', (rights) => {
  expect(retentionAlarm('gsm8k', measured(rights))).toEqual([]);
});

test('only the start and the last iteration matter', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { minLength: 2, maxLength: 8 }), (rights) => {
      const [start = 0, last = 0] = [rights[0], rights.at(-1)];
      const raised = retentionAlarm('gsm8k', measured(rights));
      expect(raised.length).toBe(retentionAlarm('gsm8k', measured([start, last])).length);
      if (last >= start) expect(raised).toEqual([]);
      if (last < start - 60) expect(raised).toHaveLength(1);
    }),
  );
});
