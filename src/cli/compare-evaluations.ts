/** `eval compare`: two campaigns by suite and iteration, or two evaluations figure by figure. */

import type { Client } from '../api/client.ts';
import type { CampaignDetail, EvaluationView } from '../db/views.ts';
import { formatMeasure } from '../formats/for-people.ts';
import type { EvaluationMetrics, Measure } from '../protocol/evaluation-metrics.ts';
import { ARMS } from '../rollout/types.ts';
import { CommandFailure } from './exit.ts';
import { renderTable } from './table.ts';

export interface Compared {
  readonly rows: readonly unknown[];
  readonly render: () => string;
}

export async function compareEvaluations(
  client: Client,
  left: string,
  right: string,
  areEvaluations: boolean,
): Promise<Compared> {
  if (areEvaluations) {
    const [a, b] = await Promise.all([client.showEvaluation(left), client.showEvaluation(right)]);
    const rows = figures(requireMetrics(a), requireMetrics(b));
    return { rows, render: () => renderFigures(a, b, rows) };
  }
  const both = await client.compareCampaigns(left, right);
  const rows = campaignRows(both.left, both.right);
  return {
    rows,
    render: () => (rows.length === 0 ? 'Nothing has been measured yet.' : renderCampaigns(both.left, both.right, rows)),
  };
}

function requireMetrics({ id, status, reason, metrics }: EvaluationView): EvaluationMetrics {
  if (metrics !== undefined) return metrics;
  throw new CommandFailure(`${id} has no figures: it is ${status}${reason === undefined ? '' : ` (${reason})`}`);
}

interface Figure {
  readonly figure: string;
  readonly left?: Measure;
  readonly right?: Measure;
  /** Right less left, with the normal interval of two independent means; absent where one is not measured. */
  readonly difference?: { readonly value: number; readonly low: number; readonly high: number };
}

function figures(left: EvaluationMetrics, right: EvaluationMetrics): Figure[] {
  const [lefts, rights] = [measuresOf(left), measuresOf(right)];
  return [...new Set([...lefts.keys(), ...rights.keys()])].map((figure) => {
    const [a, b] = [lefts.get(figure), rights.get(figure)];
    if (a === undefined || b === undefined)
      return { figure, ...(a === undefined ? {} : { left: a }), ...(b === undefined ? {} : { right: b }) };
    const value = b.value - a.value;
    // Of independent means the squares of the half widths add up.
    const low = value - Math.hypot(b.value - b.low, a.high - a.value);
    const high = value + Math.hypot(b.high - b.value, a.value - a.low);
    return { figure, left: a, right: b, difference: { value, low, high } };
  });
}

function measuresOf(metrics: EvaluationMetrics): Map<string, Measure> {
  const { repeated = {}, accuracy, selectionAccuracy, codeRate, oracle, regret } = metrics;
  const all: [string, Measure | undefined][] = ARMS.flatMap((arm) => {
    const samples = repeated[arm];
    if (samples === undefined) return [[`${arm} accuracy`, accuracy[arm]]];
    const { k, avg, maj, pass } = samples;
    return [
      [`${arm} avg@${k}`, avg],
      [`${arm} maj@${k}`, maj],
      ...Object.entries(pass).map(([size, measure]): [string, Measure] => [`${arm} pass@${size}`, measure]),
    ];
  });
  all.push(['selection greedy', selectionAccuracy.greedy], ['selection sampled', selectionAccuracy.sampled]);
  all.push(['code rate', codeRate], ['either arm', oracle], ['regret', regret]);
  return new Map(all.flatMap(([name, measure]) => (measure === undefined ? [] : [[name, measure] as const])));
}

function renderFigures(left: EvaluationView, right: EvaluationView, rows: readonly Figure[]): string {
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
  return renderTable(
    ['', left.id, right.id, 'difference'],
    rows.map(({ figure, left: a, right: b, difference }) => [
      figure,
      formatMeasure(a),
      formatMeasure(b),
      difference === undefined
        ? '–'
        : `${signed(difference.value)} [${signed(difference.low)}, ${signed(difference.high)}]`,
    ]),
  );
}

/** Rows of two campaigns by suite and iteration; a side is absent where it was not measured. */
function campaignRows(left: CampaignDetail, right: CampaignDetail) {
  const keyOf = (item: EvaluationView) => `${item.suite} ${item.iteration}`;
  const measured = (campaign: CampaignDetail) =>
    new Map(campaign.evaluations.filter((item) => item.iteration !== undefined).map((item) => [keyOf(item), item]));
  const [lefts, rights] = [measured(left), measured(right)];
  const keys = new Set([...lefts.keys(), ...rights.keys()]);
  return [...keys]
    .flatMap((key) => {
      const [a, b] = [lefts.get(key), rights.get(key)];
      const either = a ?? b;
      if (either?.iteration === undefined) return [];
      return [{ suite: either.suite, iteration: either.iteration, left: a?.metrics, right: b?.metrics }];
    })
    .sort((a, b) => a.suite.localeCompare(b.suite) || a.iteration - b.iteration);
}

function renderCampaigns(left: CampaignDetail, right: CampaignDetail, rows: ReturnType<typeof campaignRows>): string {
  return renderTable(
    ['suite', 'iteration', ...['auto', 'selection', 'code rate'].flatMap((name) => [`${name} ${left.id}`, right.id])],
    rows.map((row) => [
      row.suite,
      String(row.iteration),
      formatMeasure(row.left?.accuracy.auto),
      formatMeasure(row.right?.accuracy.auto),
      formatMeasure(row.left?.selectionAccuracy.sampled),
      formatMeasure(row.right?.selectionAccuracy.sampled),
      formatMeasure(row.left?.codeRate),
      formatMeasure(row.right?.codeRate),
    ]),
  );
}
