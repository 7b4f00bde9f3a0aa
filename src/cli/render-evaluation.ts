/** Evaluations as text: a line each in a list, a page of its own for one. */

import type { EvaluationView } from '../db/views.ts';
import { formatCount, formatInstant, formatMeasure, formatSeconds, shortDigest } from '../formats/for-people.ts';
import { countOf } from '../protocol/counts.ts';
import type { EvaluationMetrics } from '../protocol/evaluation-metrics.ts';
import { ARMS } from '../rollout/types.ts';
import { metricsIn } from '../scoring/metrics.ts';
import { measureCells, renderTable } from './table.ts';

const LISTED = metricsIn('list');

export function renderEvaluationList(evaluations: readonly EvaluationView[]): string {
  if (evaluations.length === 0) return 'Nothing has been measured yet.';
  return renderTable(
    ['id', 'asked by', 'status', 'samples', ...LISTED.map(({ label }) => label), 'left out', 'started'],
    evaluations.map((evaluation) => {
      const { id, metrics, startedAt } = evaluation;
      return [
        id,
        askedBy(evaluation),
        statusOf(evaluation),
        metrics === undefined ? '–' : String(samplesOf(metrics)),
        ...measureCells(LISTED, metrics),
        metrics === undefined ? '–' : formatCount(leftOut(metrics)),
        formatInstant(startedAt),
      ];
    }),
  );
}

/** In a list of one campaign the iterations, else the campaigns too. */
const askedBy = ({ iteration, askedBy: all = [] }: EvaluationView): string =>
  iteration === undefined ? all.join(', ') || '–' : `iteration ${iteration}`;

/** Rollouts a problem and arm. */
const samplesOf = ({ repeated = {} }: EvaluationMetrics): number =>
  Math.max(1, ...ARMS.map((arm) => repeated[arm]?.k ?? 1));

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
  return [head.join('\n'), renderArms(metrics), renderDecision(metrics), NOTES].join('\n\n');
}

const NOTES =
  'Intervals of 95 %: Wilson for shares (accuracy of one sample, pass@k of all k samples), else Student over the problems.\n' +
  'pass@j is the unbiased estimate. Infrastructure is in no figure; undecided is in none but those that say so.';

const COUNTED = ['truncated', 'violation', 'infrastructure', 'undecided'] as const;

/** With one sample the accuracy is avg@1, maj@1 and pass@1: it is shown once. */
function renderArms(metrics: EvaluationMetrics): string {
  const { repeated = {}, counts = {} } = metrics;
  const arms = ARMS.filter((arm) => countOf(counts, 'rollouts', arm) > 0);
  const sizes = [...new Set(arms.flatMap((arm) => Object.keys(repeated[arm]?.pass ?? {})))]
    .filter((size) => size !== '1')
    .sort((a, b) => +a - +b);
  const k = samplesOf(metrics);
  const heads = k === 1 ? ['accuracy'] : [`avg@${k}`, `maj@${k}`, ...sizes.map((size) => `pass@${size}`)];
  return renderTable(
    ['arm', 'problems', 'rollouts', ...heads, ...COUNTED],
    arms.map((arm) => {
      const { [arm]: accuracy } = metrics.accuracy;
      const samples = repeated[arm];
      const ofSamples = k === 1 ? [] : [samples?.maj, ...sizes.map((size) => samples?.pass[size])];
      return [
        arm === 'auto' ? 'auto' : `${arm} (forced)`,
        formatCount(accuracy?.n ?? 0),
        formatCount(countOf(counts, 'rollouts', arm)),
        ...[accuracy, ...ofSamples].map(formatMeasure),
        ...COUNTED.map((name) => formatCount(countOf(counts, name, arm))),
      ];
    }),
  );
}

function renderDecision(metrics: EvaluationMetrics): string {
  const measured = metricsIn('details').flatMap(({ name, pick }) => {
    const measure = pick(metrics);
    return measure === undefined ? [] : [[name, formatMeasure(measure), formatCount(measure.n)]];
  });
  return renderTable(['decision', '', 'problems'], measured);
}
