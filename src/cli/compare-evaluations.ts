/** `eval compare`: two campaigns by suite and iteration, or two evaluations figure by figure. */

import { type ApiClient, ask, inPath } from '../api/client.ts';
import type { CampaignDetail, EvaluationView } from '../db/views.ts';
import { formatMeasure } from '../formats/for-people.ts';
import type { EvaluationMetrics, Measure } from '../protocol/evaluation-metrics.ts';
import { figuresOf, metricsIn } from '../scoring/metrics.ts';
import { CommandFailure } from './exit.ts';
import { renderTable } from './table.ts';

export interface Compared {
  readonly rows: readonly unknown[];
  readonly render: () => string;
}

export async function compareEvaluations(
  api: ApiClient,
  left: string,
  right: string,
  areEvaluations: boolean,
): Promise<Compared> {
  if (areEvaluations) {
    const show = async (id: string): Promise<EvaluationView> =>
      (await ask(api.evaluations[':id{.+}'].$get({ param: inPath({ id }) }))).evaluation;
    const [a, b] = await Promise.all([show(left), show(right)]);
    const rows = figures(requireMetrics(a), requireMetrics(b));
    return { rows, render: () => renderFigures(a, b, rows) };
  }
  const both = await ask(api.evaluations.compare.$get({ query: { left, right } }));
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

interface FigurePair {
  readonly figure: string;
  readonly left?: Measure;
  readonly right?: Measure;
  /** Right less left, with the normal interval of two independent means; absent where one is not measured. */
  readonly difference?: { readonly value: number; readonly low: number; readonly high: number };
}

function figures(left: EvaluationMetrics, right: EvaluationMetrics): FigurePair[] {
  const [lefts, rights] = [left, right].map(
    (metrics) => new Map(figuresOf(metrics).map(({ name, measure }) => [name, measure])),
  ) as [Map<string, Measure>, Map<string, Measure>];
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

function renderFigures(left: EvaluationView, right: EvaluationView, rows: readonly FigurePair[]): string {
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

const COMPARED = metricsIn('comparison');

function renderCampaigns(left: CampaignDetail, right: CampaignDetail, rows: ReturnType<typeof campaignRows>): string {
  return renderTable(
    ['suite', 'iteration', ...COMPARED.flatMap(({ label }) => [`${label} ${left.id}`, right.id])],
    rows.map((row) => [
      row.suite,
      String(row.iteration),
      ...COMPARED.flatMap(({ pick }) =>
        [row.left, row.right].map((metrics) => formatMeasure(metrics === undefined ? undefined : pick(metrics))),
      ),
    ]),
  );
}
