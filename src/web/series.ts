/** Lines of the charts by metric. An arm has the same colour in every chart. */

import type { TrainingAccuracy } from '../campaigns/training-curves.ts';
import type { CampaignDetail, EvaluationView } from '../db/views.ts';
import type { Measure } from '../protocol/evaluation-metrics.ts';
import { ARMS } from '../rollout/types.ts';
import { METRICS, type Metric } from '../scoring/metrics.ts';
import { type ChartLine, type ChartPoint, type Hue, pointOf } from './chart-data.ts';

/** Suites that were measured on iterations of the campaign; the configured first one first. */
export function suitesOf(campaign: CampaignDetail): string[] {
  const configured = (campaign.config as { evaluations?: { suite: string }[] } | undefined)?.evaluations ?? [];
  const measured = campaign.evaluations.filter((item) => item.iteration !== undefined).map((item) => item.suite);
  return [...new Set([...configured.map((item) => item.suite).filter((name) => measured.includes(name)), ...measured])];
}

export interface MeasuredIteration {
  readonly iteration: number;
  readonly measure: Measure;
}

export function pointsOf(campaign: CampaignDetail, suite: string, pick: Metric['pick']): MeasuredIteration[] {
  return campaign.evaluations
    .filter(
      (item): item is EvaluationView & { iteration: number } => item.suite === suite && item.iteration !== undefined,
    )
    .flatMap((item) => {
      const measure = item.metrics === undefined ? undefined : pick(item.metrics);
      return measure === undefined ? [] : [{ iteration: item.iteration, measure }];
    });
}

/** The same as points of a line. */
const linePointsOf = (campaign: CampaignDetail, suite: string, pick: Metric['pick']): ChartPoint[] =>
  pointsOf(campaign, suite, pick).map(({ iteration, measure }) => pointOf(iteration, measure));

/** Colour and dashes by the metric's key: an arm has the same ones in every chart. */
const LINES: Readonly<Record<string, Pick<ChartLine, 'hue' | 'dash'>>> = {
  'accuracy/auto': { hue: 'auto' },
  'accuracy/cot': { hue: 'cot' },
  'accuracy/code': { hue: 'code' },
  oracle: { hue: 'oracle', dash: 'dotted' },
  code_rate: { hue: 'code' },
  'selection/greedy': { hue: 'oracle', dash: 'dashed' },
  'selection/sampled': { hue: 'auto' },
};
const OTHER = { hue: 'cot', dash: 'dashed' } as const;

/** The lines of one of a campaign's charts. */
export const linesOf = (campaign: CampaignDetail, suite: string, chart: NonNullable<Metric['chart']>): ChartLine[] =>
  METRICS.filter((metric) => metric.chart === chart).map(({ key, label, short = label, pick }) => ({
    name: short,
    ...(LINES[key] ?? OTHER),
    points: linePointsOf(campaign, suite, pick),
  }));

/** Accuracy of the rollouts that a campaign is trained on, by arm. */
export const accuracyLines = (accuracy: readonly TrainingAccuracy[]): ChartLine[] =>
  ARMS.map((arm) => ({
    name: arm,
    hue: arm satisfies Hue,
    points: accuracy.flatMap(({ iteration, arms }) => {
      const measure = arms[arm];
      return measure === undefined ? [] : [pointOf(iteration, measure)];
    }),
  }));
