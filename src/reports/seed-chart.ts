/** A metric against the rollouts that training took: of each group the mean over its seeds and the range of them. */
import type { Metric } from '../scoring/metrics.ts';
import { meanOf } from './over-seeds.ts';
import { commonMarks, evaluationAt, type ReportGroup } from './report.ts';

export interface SeedPoint {
  readonly rollouts: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface SeedLine {
  readonly name: string;
  readonly seeds: number;
  readonly points: readonly SeedPoint[];
}

export interface SeedChart {
  readonly title: string;
  readonly lines: readonly SeedLine[];
}

/** Points where every seed of a group was measured. A group without one has no line. */
export function seedChart(groups: readonly ReportGroup[], suite: string, { name, pick }: Metric): SeedChart {
  const lines = groups.map((group): SeedLine => {
    const points = commonMarks([group], suite).flatMap((rollouts): SeedPoint[] => {
      const values = group.campaigns.flatMap((campaign) => {
        const found = evaluationAt(campaign, suite, rollouts);
        return found === undefined ? [] : (pick(found.metrics)?.value ?? []);
      });
      if (values.length < group.campaigns.length) return [];
      return [{ rollouts, mean: meanOf(values), low: Math.min(...values), high: Math.max(...values) }];
    });
    return { name: group.name, seeds: group.campaigns.length, points };
  });
  return { title: `${name}, ${suite}`, lines: lines.filter(({ points }) => points.length > 0) };
}
