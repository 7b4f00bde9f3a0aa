import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../../src/formats/random.ts';
import { collapseAlarm } from '../../../src/scoring/collapse-alarm.ts';
import { measureMean } from '../../../src/scoring/measure.ts';

/** Evaluations with so many right of 200 after iterations 0, 1, …; null is one without `auto`. */
const measured = (rights: readonly (number | null)[]) =>
  rights.map((right, iteration) => {
    const auto = right === null ? undefined : measureMean(Array.from({ length: 200 }, (_, at) => (at < right ? 1 : 0)));
    return { iteration, metrics: { accuracy: auto === undefined ? {} : { auto }, selectionAccuracy: {} } };
  });

test('a fall below the best iteration names that iteration and the command that goes on from there', () => {
  expect(collapseAlarm(measured([100, 184, 180, 82]))).toEqual([
    {
      kind: 'collapsed',
      iteration: 3,
      message: 'auto on the validation problems fell from 92 % after iteration 1 to 41 %',
      action: expect.stringContaining('whencode campaign fork'),
    },
  ]);
});

test.each([[[]], [[100]], [[100, null]], [[null, 100]], [[100, 95]], [[100, 184, 183]], [[184, 168]]])(
  '%j raises none',
  (rights) => {
    expect(collapseAlarm(measured(rights))).toEqual([]);
  },
);

test('only the last iteration and the best before it matter', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { minLength: 2, maxLength: 8 }), (rights) => {
      const [last = 0, best] = [rights.at(-1), Math.max(...rights.slice(0, -1))];
      expect(collapseAlarm(measured(rights)).length).toBe(collapseAlarm(measured([best, last])).length);
      if (last >= best) expect(collapseAlarm(measured(rights))).toEqual([]);
      if (last < best - 60) expect(collapseAlarm(measured(rights))).toHaveLength(1);
    }),
  );
});

test('a model that stays as it is raises none in at least 99 of 100 evaluations', () => {
  const random = createRandom('collapse');
  const draw = (): number => Array.from({ length: 200 }).filter(() => random.next() < 0.6).length;
  const raised = Array.from({ length: 1000 }).filter(
    () => collapseAlarm(measured(Array.from({ length: 6 }, draw))).length > 0,
  );
  expect(raised.length).toBeLessThanOrEqual(10);
});
