import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chartData, pointOf, thinned } from '../../../src/web/chart-data.ts';

const AXIS = { xName: 'iteration', unit: 'share' } as const;

it('puts lines on one axis, with null where a line has no point, and leaves lines without points out', () => {
  const auto = { name: 'auto', hue: 'auto', points: [pointOf(2, { value: 0.5, low: 0.4, high: 0.6, n: 9 })] } as const;
  const code = {
    name: 'code',
    hue: 'code',
    dash: 'dashed',
    points: [
      { x: 0, value: 1 },
      { x: 2, value: 0 },
    ],
  } as const;
  expect(chartData([auto, { ...auto, name: 'cot', points: [] }, code], AXIS)).toEqual({
    ...AXIS,
    x: [0, 2],
    lines: [
      { name: 'auto', hue: 'auto', values: [null, 0.5], low: [null, 0.4], high: [null, 0.6] },
      { name: 'code', hue: 'code', dash: 'dashed', values: [1, 0] },
    ],
  });
});

it('thins to means of stretches, and never to more points than allowed', () => {
  const line = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(line, fc.integer({ min: 1, max: 20 }), (values, most) => {
      const points = values.map((value, x) => ({ x, value }));
      const thin = thinned(points, most);
      expect(thin.length).toBeLessThanOrEqual(most);
      expect(thin[0]?.x).toBe(0);
      const length = Math.ceil(values.length / most);
      const last = values.slice((thin.length - 1) * length);
      expect(thin.at(-1)?.value).toBeCloseTo(last.reduce((sum, value) => sum + value, 0) / last.length, 9);
    }),
  );
});
