/** Evaluations as text: a line each in a list, a page of its own for one. */

import type { EvaluationView } from '../db/views.ts';
import { formatCount, formatInstant, formatMeasure, formatSeconds, shortDigest } from '../formats/for-people.ts';
import { type Counts, countOf } from '../protocol/counts.ts';
import type { EvaluationMetrics, RepeatedSamples } from '../protocol/evaluation-metrics.ts';
import { ARMS } from '../rollout/types.ts';
import { metricsIn } from '../scoring/metrics.ts';
import { measureCells, renderTable } from './table.ts';

type ArmName = (typeof ARMS)[number];

const LISTED = metricsIn('list');

export function renderEvaluationList(evaluations: readonly EvaluationView[]): string {
  if (evaluations.length === 0) return 'Nothing has been measured yet.';
  return renderTable(
    ['id', 'iteration', 'status', ...LISTED.map(({ label }) => label), 'left out', 'started'],
    evaluations.map((evaluation) => {
      const { id, iteration, metrics, startedAt } = evaluation;
      return [
        id,
        iteration === undefined ? '–' : String(iteration),
        statusOf(evaluation),
        ...measureCells(LISTED, metrics),
        metrics === undefined ? '–' : formatCount(leftOut(metrics)),
        formatInstant(startedAt),
      ];
    }),
  );
}

function statusOf({ status, reason, lost }: EvaluationView): string {
  if (lost === true) return 'lost by Temporal; asked for again it goes on';
  return reason === undefined ? status : `${status}: ${reason}`;
}

/** Rollouts that say nothing about the model: infrastructure failures and undecided grades. */
function leftOut({ counts = {} }: EvaluationMetrics): number {
  return ARMS.reduce((sum, arm) => sum + countOf(counts, 'infrastructure', arm) + countOf(counts, 'undecided', arm), 0);
}

export function renderEvaluation(evaluation: EvaluationView): string {
  const { id, suite, checkpoint, seconds, metrics } = evaluation;
  const head = [
    id,
    `suite ${suite}, checkpoint ${shortDigest(checkpoint)}, ${statusOf(evaluation)}${seconds === undefined ? '' : ` after ${formatSeconds(seconds)}`}`,
  ];
  if (metrics === undefined) return head.join('\n');
  return [
    head.join('\n'),
    renderArms(metrics),
    renderDecision(metrics),
    'Intervals of 95 %: Wilson for shares (maj@k, pass@k of all k samples), normal over the problems for means (avg@k,\npass@j of fewer). pass@j is the unbiased estimate. Infrastructure and undecided are in no figure.',
  ].join('\n\n');
}

const COUNTED = ['truncated', 'violation', 'infrastructure', 'undecided'] as const;

function renderArms(metrics: EvaluationMetrics): string {
  const { repeated = {}, counts = {} } = metrics;
  const arms = ARMS.filter((arm) => countOf(counts, 'rollouts', arm) > 0);
  const sizes = [...new Set(arms.flatMap((arm) => Object.keys(repeated[arm]?.pass ?? {})))].sort((a, b) => +a - +b);
  const k = arms.map((arm) => repeated[arm]?.k ?? 1).reduce((most, value) => Math.max(most, value), 1);
  return renderTable(
    ['arm', 'problems', 'rollouts', `avg@${k}`, `maj@${k}`, ...sizes.map((size) => `pass@${size}`), ...COUNTED],
    arms.map((arm) => armRow(arm, repeated[arm], counts, sizes)),
  );
}

function armRow(
  arm: ArmName,
  samples: RepeatedSamples | undefined,
  counts: Counts,
  sizes: readonly string[],
): string[] {
  return [
    arm === 'auto' ? 'auto' : `${arm} (forced)`,
    formatCount(samples?.avg.n ?? 0),
    formatCount(countOf(counts, 'rollouts', arm)),
    formatMeasure(samples?.avg),
    formatMeasure(samples?.maj),
    ...sizes.map((size) => formatMeasure(samples?.pass[size])),
    ...COUNTED.map((name) => formatCount(countOf(counts, name, arm))),
  ];
}

function renderDecision(metrics: EvaluationMetrics): string {
  const measured = metricsIn('details').flatMap(({ name, pick }) => {
    const measure = pick(metrics);
    return measure === undefined ? [] : [[name, formatMeasure(measure), formatCount(measure.n)]];
  });
  return renderTable(['decision', '', 'problems'], measured);
}
