/** Lines of the charts that compare groups of campaigns: a value, or a mean over seeds, with its band. */
import { meanOf } from '../reports/over-seeds.ts';
import type { ReportEvaluation, ReportGroup } from '../reports/report.ts';
import type { Metric } from '../scoring/metrics.ts';
import { type ChartLine, type ChartPoint, pointOf } from './chart-data.ts';

/** What the points of the lines stand at. */
export const COMPARISON_AXES = ['rollouts', 'iteration'] as const;
export type ComparisonAxis = (typeof COMPARISON_AXES)[number];

const HUES = ['auto', 'cot', 'code', 'prefix', 'oracle'] as const;
const DASHES = [{}, { dash: 'dashed' }, { dash: 'dotted' }] as const;

/** Colour and dashes of a group. The first 15 groups differ in them. @param index - Of the group */
const styleOf = (index: number): Pick<ChartLine, 'hue' | 'dash'> => ({
  hue: HUES[index % HUES.length] ?? 'oracle',
  ...DASHES[Math.floor(index / HUES.length) % DASHES.length],
});

/**
 * A line for each group. A group of one campaign has its 95 % intervals as a band, one of several has the range from its
 * lowest to its highest seed, with points where all of them were measured.
 */
export const groupLines = (
  groups: readonly ReportGroup[],
  suite: string,
  { pick }: Pick<Metric, 'pick'>,
  axis: ComparisonAxis,
): ChartLine[] =>
  groups.map((group, index) => ({ name: group.name, ...styleOf(index), points: pointsOf(group, suite, pick, axis) }));

function pointsOf(
  { campaigns }: ReportGroup,
  suite: string,
  pick: Metric['pick'],
  axis: ComparisonAxis,
): readonly ChartPoint[] {
  const measured = campaigns.map(
    ({ evaluations }) => new Map(evaluations.filter((item) => item.suite === suite).map((item) => [item[axis], item])),
  );
  const [first = new Map<number, ReportEvaluation>(), ...others] = measured;
  return [...first.keys()]
    .sort((a, b) => a - b)
    .flatMap((x): ChartPoint[] => {
      const found = [first, ...others].flatMap((seed) => {
        const evaluation = seed.get(x);
        return evaluation === undefined ? [] : (pick(evaluation.metrics) ?? []);
      });
      const [only] = found;
      if (only === undefined || found.length < campaigns.length) return [];
      if (found.length === 1) return [pointOf(x, only)];
      const values = found.map(({ value }) => value);
      return [{ x, value: meanOf(values), low: Math.min(...values), high: Math.max(...values) }];
    });
}
