/** The charts of every update of a campaign's trainings. */
import type { IterationUpdates } from '../campaigns/training-curves.ts';
import { LEARNING_METRICS } from '../scoring/learning-metrics.ts';
import type { TrainingUpdate } from '../trainer/types.ts';
import { type ChartData, chartData, type Hue, thinned } from './chart-data.ts';

export interface UpdateChart {
  readonly key: string;
  readonly label: string;
  readonly note: string;
  readonly data: ChartData;
}

/** Points of a line that a page holds: a screen has no more columns. */
const MOST_POINTS = 1500;

const HUES: Readonly<Record<string, Hue>> = { code_prob: 'code', decision_loss: 'prefix', decision_entropy: 'prefix' };

/** What an update has beside its metrics. */
const COUNTS = [
  { key: 'tokens', label: 'tokens', note: 'tokens of the update', of: ({ tokens }: TrainingUpdate) => tokens },
  {
    key: 'decisions',
    label: 'decisions',
    note: 'decision targets of the update',
    of: ({ decisions }: TrainingUpdate) => decisions,
  },
] as const;

/** One chart for every metric that an update has, in the order of the table of learning; updates are counted over iterations. */
export function updateCharts(iterations: readonly IterationUpdates[]): UpdateChart[] {
  let before = 0;
  const all: { readonly x: number; readonly update: TrainingUpdate }[] = [];
  const marks: { x: number; label: string }[] = [];
  for (const { iteration, updates } of iterations) {
    marks.push({ x: before + 1, label: `${iteration}` });
    for (const [index, update] of updates.entries()) all.push({ x: before + index + 1, update });
    before += updates.length;
  }
  const keys = new Set(all.flatMap(({ update }) => Object.keys(update.metrics)));
  const known = LEARNING_METRICS.filter(({ stage, key }) => stage === 'train' && keys.has(key));
  const rest = [...keys].filter((key) => !known.some((metric) => metric.key === key)).sort();
  const charts = [
    ...known.map(({ key, label, note }) => ({ key, label, note, of: ({ metrics }: TrainingUpdate) => metrics[key] })),
    ...rest.map((key) => ({
      key,
      label: key.replaceAll('_', ' '),
      note: 'as the trainer reports it',
      of: ({ metrics }: TrainingUpdate) => metrics[key],
    })),
    ...COUNTS.filter(({ of }) => all.some(({ update }) => of(update) > 0)),
  ];
  return charts.map(({ key, label, note, of }) => {
    const points = all.flatMap(({ x, update }) => {
      const value = of(update);
      return value === undefined ? [] : [{ x, value }];
    });
    const line = { name: label, hue: HUES[key] ?? 'auto', points: thinned(points, MOST_POINTS) } as const;
    return { key, label, note, data: chartData([line], { xName: 'update', unit: 'number', marks }) };
  });
}
