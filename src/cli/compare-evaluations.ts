/** `eval compare`: two campaigns by suite and iteration, or two evaluations figure by figure. */

import { type ApiClient, ask } from '../api/client.ts';
import type { EvaluationComparison } from '../campaigns/compare-evaluations.ts';
import type { CampaignDetail, EvaluationView } from '../db/views.ts';
import { formatMeasure } from '../formats/for-people.ts';
import type { FigurePair } from '../scoring/compare-evaluations.ts';
import { metricsIn } from '../scoring/metrics.ts';
import { renderTable } from './table.ts';

export interface Compared {
  readonly json: unknown;
  readonly render: () => string;
}

export async function compareEvaluations(
  api: ApiClient,
  left: string,
  right: string,
  areEvaluations: boolean,
): Promise<Compared> {
  if (areEvaluations) {
    const found = await ask(api.evaluations.differences.$get({ query: { left, right } }));
    return { json: found, render: () => renderComparison(found) };
  }
  const both = await ask(api.evaluations.compare.$get({ query: { left, right } }));
  const rows = campaignRows(both.left, both.right);
  return {
    json: rows,
    render: () => (rows.length === 0 ? 'Nothing has been measured yet.' : renderCampaigns(both.left, both.right, rows)),
  };
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;

/** `+.040 [.003, .078]`, how many problems each side is better on, and the p of that split. */
function renderComparison({ left, right, pairing, figures }: EvaluationComparison): string {
  const isPaired = pairing.kind === 'paired';
  const table = renderTable(
    ['', left.id, right.id, 'difference', ...(isPaired ? ['better left', 'right', 'p'] : [])],
    figures.map(({ figure, left: a, right: b, difference }) => [
      figure,
      formatMeasure(a),
      formatMeasure(b),
      difference === undefined
        ? '–'
        : `${signed(difference.value)} [${signed(difference.low)}, ${signed(difference.high)}]`,
      ...(isPaired ? countCells(difference) : []),
    ]),
  );
  const note = isPaired
    ? `Paired over ${pairing.problems} problems: 95 % intervals of the difference by bootstrap over the problems; on how many\nproblems each side is better, and McNemar's exact p.`
    : `Not paired: ${pairing.reason}. Intervals of 95 % of the difference of two independent means, which are wider.`;
  return `${table}\n\n${note}`;
}

function countCells(difference: FigurePair['difference']): string[] {
  if (difference === undefined || !('p' in difference)) return ['–', '–', '–'];
  return [`${difference.leftAbove}`, `${difference.rightAbove}`, difference.p.toFixed(3)];
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
