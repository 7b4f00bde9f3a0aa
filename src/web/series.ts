/** Lines of the charts by metric. An arm has the same colour and marker in every chart. */

import type { CampaignDetail, EvaluationView } from '../db/views.ts';
import { METRICS, type Metric } from '../scoring/metrics.ts';
import type { ChartSeries } from './chart.tsx';

/** Suites that were measured on iterations of the campaign; the configured first one first. */
export function suitesOf(campaign: CampaignDetail): string[] {
  const configured = (campaign.config as { evaluations?: { suite: string }[] } | undefined)?.evaluations ?? [];
  const measured = campaign.evaluations.filter((item) => item.iteration !== undefined).map((item) => item.suite);
  return [...new Set([...configured.map((item) => item.suite).filter((name) => measured.includes(name)), ...measured])];
}

export function pointsOf(campaign: CampaignDetail, suite: string, pick: Metric['pick']): ChartSeries['points'] {
  return campaign.evaluations
    .filter(
      (item): item is EvaluationView & { iteration: number } => item.suite === suite && item.iteration !== undefined,
    )
    .flatMap((item) => {
      const measure = item.metrics === undefined ? undefined : pick(item.metrics);
      return measure === undefined ? [] : [{ iteration: item.iteration, measure }];
    });
}

/** Colour and marker by the metric's key: an arm has the same ones in every chart. */
const LINES: Readonly<Record<string, Omit<ChartSeries, 'name' | 'points'>>> = {
  'accuracy/auto': { className: 'series-auto', marker: 'circle' },
  'accuracy/cot': { className: 'series-cot', marker: 'square' },
  'accuracy/code': { className: 'series-code', marker: 'triangle' },
  oracle: { className: 'series-oracle', marker: 'circle' },
  code_rate: { className: 'series-code', marker: 'triangle' },
  'selection/greedy': { className: 'series-greedy', marker: 'diamond', dashed: true },
  'selection/sampled': { className: 'series-auto', marker: 'circle' },
};
const OTHER = { className: 'series-other', marker: 'square', dashed: true } as const;

/** The upper bound of a chart's lines, drawn as a faint reference. */
const REFERENCE = 'oracle';

/** The lines of one of a campaign's charts, and its reference if it has one. */
export function seriesOf(
  campaign: CampaignDetail,
  suite: string,
  chart: NonNullable<Metric['chart']>,
): { readonly series: readonly ChartSeries[]; readonly reference?: ChartSeries } {
  const metrics = METRICS.filter((metric) => metric.chart === chart);
  const lineOf = ({ key, label, short = label, pick }: Metric): ChartSeries => ({
    name: short,
    ...(LINES[key] ?? OTHER),
    points: pointsOf(campaign, suite, pick),
  });
  const reference = metrics.find(({ key }) => key === REFERENCE);
  return {
    series: metrics.filter((metric) => metric !== reference).map(lineOf),
    ...(reference === undefined ? {} : { reference: lineOf(reference) }),
  };
}
