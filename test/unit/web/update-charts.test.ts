import { expect, it } from 'vitest';
import type { TrainingUpdate } from '../../../src/trainer/types.ts';
import { updateCharts } from '../../../src/web/update-charts.ts';

const updateOf = (update: number, metrics: TrainingUpdate['metrics']): TrainingUpdate => ({
  update,
  epoch: 1,
  tokens: 100 * update,
  decisions: 0,
  metrics,
});

const ITERATIONS = [
  { iteration: 1, updates: [updateOf(1, { loss: 3, own_metric: 1 }), updateOf(2, { loss: 2 })] },
  { iteration: 2, updates: [updateOf(1, { loss: 1, code_prob: 0.25 })] },
];

it('counts updates over iterations and marks where each begins', () => {
  const chart = updateCharts(ITERATIONS).find(({ key }) => key === 'loss');
  expect(chart?.data).toMatchObject({
    x: [1, 2, 3],
    lines: [{ values: [3, 2, 1] }],
    marks: [
      { x: 1, label: '1' },
      { x: 3, label: '2' },
    ],
  });
});

it('has a chart for every metric, also for one that no table knows, and for counts above 0', () => {
  const charts = updateCharts(ITERATIONS);
  expect(charts.map(({ key }) => key).sort()).toEqual(['code_prob', 'loss', 'own_metric', 'tokens']);
  expect(charts.find(({ key }) => key === 'code_prob')).toMatchObject({ label: 'p(code)', data: { x: [3] } });
  expect(updateCharts([])).toEqual([]);
});
