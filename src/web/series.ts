/** Which measures become which lines. Arms keep their colour and marker everywhere. */

import type { CampaignDetail, EvaluationView } from '../db/views.ts';
import type { EvaluationMetrics, Measure } from '../protocol/evaluation-metrics.ts';
import type { ChartSeries } from './chart.tsx';

/** Suites that were measured on iterations of the campaign; the configured first one first. */
export function suitesOf(campaign: CampaignDetail): string[] {
  const configured = (campaign.config as { evaluations?: { suite: string }[] } | undefined)?.evaluations ?? [];
  const measured = campaign.evaluations.filter((item) => item.iteration !== undefined).map((item) => item.suite);
  return [...new Set([...configured.map((item) => item.suite).filter((name) => measured.includes(name)), ...measured])];
}

type Pick = (metrics: EvaluationMetrics) => Measure | undefined;

export function pointsOf(campaign: CampaignDetail, suite: string, pick: Pick): ChartSeries['points'] {
  return campaign.evaluations
    .filter(
      (item): item is EvaluationView & { iteration: number } => item.suite === suite && item.iteration !== undefined,
    )
    .flatMap((item) => {
      const measure = item.metrics === undefined ? undefined : pick(item.metrics);
      return measure === undefined ? [] : [{ iteration: item.iteration, measure }];
    });
}

const ACCURACY = {
  auto: (metrics: EvaluationMetrics) => metrics.accuracy.auto,
  cot: (metrics: EvaluationMetrics) => metrics.accuracy.cot,
  code: (metrics: EvaluationMetrics) => metrics.accuracy.code,
} as const satisfies Record<string, Pick>;

export function accuracySeries(campaign: CampaignDetail, suite: string): ChartSeries[] {
  return [
    { name: 'auto', className: 'series-auto', marker: 'circle', points: pointsOf(campaign, suite, ACCURACY.auto) },
    { name: 'cot', className: 'series-cot', marker: 'square', points: pointsOf(campaign, suite, ACCURACY.cot) },
    { name: 'code', className: 'series-code', marker: 'triangle', points: pointsOf(campaign, suite, ACCURACY.code) },
  ];
}

export function oracleSeries(campaign: CampaignDetail, suite: string): ChartSeries {
  const points = pointsOf(campaign, suite, (metrics) => metrics.oracle);
  return { name: 'either arm', className: 'series-oracle', marker: 'circle', points };
}

export function decisionSeries(campaign: CampaignDetail, suite: string): ChartSeries[] {
  return [
    {
      name: 'sel. sampled',
      className: 'series-auto',
      marker: 'circle',
      points: pointsOf(campaign, suite, (metrics) => metrics.selectionAccuracy.sampled),
    },
    {
      name: 'sel. greedy',
      className: 'series-greedy',
      marker: 'diamond',
      dashed: true,
      points: pointsOf(campaign, suite, (metrics) => metrics.selectionAccuracy.greedy),
    },
    {
      name: 'code rate',
      className: 'series-code',
      marker: 'triangle',
      points: pointsOf(campaign, suite, (metrics) => metrics.codeRate),
    },
  ];
}
