/** A metric against the rollouts that training took: of each group the mean over its seeds and the range of them. */
import type { Metric } from '../scoring/metrics.ts';
import type { ChartLine, ChartPoint, LineChart } from './line-chart.ts';
import { meanOf } from './over-seeds.ts';
import { commonMarks, evaluationAt, type ReportGroup } from './report.ts';

/** Points where every seed of a group was measured. A group without one has no line. */
export function seedChart(groups: readonly ReportGroup[], suite: string, { name, pick }: Metric): LineChart {
  const lines = groups.map((group): ChartLine => {
    const points = commonMarks([group], suite).flatMap((rollouts): ChartPoint[] => {
      const values = group.campaigns.flatMap((campaign) => {
        const found = evaluationAt(campaign, suite, rollouts);
        return found === undefined ? [] : (pick(found.metrics)?.value ?? []);
      });
      if (values.length < group.campaigns.length) return [];
      return [{ x: rollouts, mean: meanOf(values), low: Math.min(...values), high: Math.max(...values) }];
    });
    const seeds = group.campaigns.length;
    return { label: `${group.name}, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`, points };
  });
  return { title: `${name}, ${suite}`, lines: lines.filter(({ points }) => points.length > 0) };
}
