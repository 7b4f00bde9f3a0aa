/** Two campaigns side by side, e.g. EM and plain RL at the same budget. */

import type { CampaignDetail, CampaignSummary } from '../db/views.ts';
import { type Metric, metricsIn } from '../scoring/metrics.ts';
import { Chart } from './chart.tsx';
import { type ChartLine, chartData } from './chart-data.ts';
import { Layout } from './layout.tsx';
import { capitalise, MeasureText } from './parts.tsx';
import { linePointsOf, pointsOf, suitesOf } from './series.ts';

export interface ComparePageProps {
  readonly campaigns: readonly CampaignSummary[];
  readonly left?: CampaignDetail;
  readonly right?: CampaignDetail;
}

const COMPARED = metricsIn('comparison');

export function ComparePage({ campaigns, left, right }: ComparePageProps) {
  return (
    <Layout title="Compare">
      <header class="title">
        <h1>Compare</h1>
        <form class="choose" method="get" action="/compare">
          <Choice name="left" campaigns={campaigns} chosen={left?.id} />
          <span aria-hidden="true">with</span>
          <Choice name="right" campaigns={campaigns} chosen={right?.id} />
          <button type="submit">show</button>
        </form>
      </header>
      {left === undefined || right === undefined ? (
        <section class="panel">
          <p class="empty">Two campaigns are needed.</p>
        </section>
      ) : (
        <Suites left={left} right={right} />
      )}
    </Layout>
  );
}

function Suites({ left, right }: { readonly left: CampaignDetail; readonly right: CampaignDetail }) {
  const common = suitesOf(left).filter((suite) => suitesOf(right).includes(suite));
  if (common.length > 0)
    return (
      <div class="sections">
        {common.map((suite) => (
          <SuiteComparison suite={suite} left={left} right={right} />
        ))}
      </div>
    );
  const suites = (campaign: CampaignDetail) => `${campaign.id}: ${suitesOf(campaign).join(', ') || 'nothing yet'}`;
  return (
    <section class="panel">
      <p class="empty">{`No suite was measured on both. ${suites(left)}; ${suites(right)}.`}</p>
    </section>
  );
}

function Choice({
  name,
  campaigns,
  chosen,
}: {
  readonly name: string;
  readonly campaigns: readonly CampaignSummary[];
  readonly chosen: string | undefined;
}) {
  return (
    <select name={name} aria-label={`${name} campaign`}>
      {campaigns.map((item) => (
        <option value={item.id} selected={item.id === chosen}>
          {item.id}
        </option>
      ))}
    </select>
  );
}

function SuiteComparison({
  suite,
  left,
  right,
}: {
  readonly suite: string;
  readonly left: CampaignDetail;
  readonly right: CampaignDetail;
}) {
  const names =
    left.method !== right.method
      ? ([left.method ?? left.id, right.method ?? right.id] as const)
      : shortNames(left.id, right.id);
  const linesOf = (pick: Metric['pick']): ChartLine[] => [
    { name: names[0], hue: 'auto', points: linePointsOf(left, suite, pick) },
    { name: names[1], hue: 'cot', dash: 'dashed', points: linePointsOf(right, suite, pick) },
  ];
  return (
    <section class="panel" aria-labelledby={`suite-${suite}`}>
      <h2 id={`suite-${suite}`}>{suite}</h2>
      <p class="note">
        <a href={`/campaigns/${left.id}`}>{left.id}</a>
        {` (${left.method ?? '?'}) with `}
        <a href={`/campaigns/${right.id}`}>{right.id}</a>
        {` (${right.method ?? '?'})`}
      </p>
      <div class="charts">
        {COMPARED.map(({ key, name, note, pick }) => (
          <Chart
            id={`${suite}-${key}`}
            title={capitalise(name)}
            note={note}
            data={chartData(linesOf(pick), { xName: 'iteration', unit: 'share' })}
          />
        ))}
      </div>
      <ComparisonTable suite={suite} left={left} right={right} names={names} />
    </section>
  );
}

function ComparisonTable({
  suite,
  left,
  right,
  names,
}: {
  readonly suite: string;
  readonly left: CampaignDetail;
  readonly right: CampaignDetail;
  readonly names: readonly [string, string];
}) {
  const columns = COMPARED.map(({ name, pick }) => ({
    name: capitalise(name),
    sides: [left, right].map(
      (campaign) => new Map(pointsOf(campaign, suite, pick).map((point) => [point.iteration, point.measure])),
    ),
  }));
  const iterations = [...new Set(columns.flatMap((column) => column.sides.flatMap((side) => [...side.keys()])))].sort(
    (a, b) => a - b,
  );
  return (
    <section class="scroll" tabindex={0} aria-label={`Comparison on ${suite}`}>
      <table>
        <thead>
          <tr>
            <th scope="col" rowspan={2}>
              Iteration
            </th>
            {columns.map((column) => (
              <th scope="colgroup" colspan={2} class="number">
                {column.name}
              </th>
            ))}
          </tr>
          <tr>
            {columns.flatMap(() =>
              names.map((name, side) => (
                <th scope="col" class={`number ${side === 0 ? 'left' : 'right'}`}>
                  {name}
                </th>
              )),
            )}
          </tr>
        </thead>
        <tbody>
          {iterations.map((iteration) => (
            <tr>
              <th scope="row">{iteration === 0 ? 'start' : iteration}</th>
              {columns.flatMap((column) =>
                column.sides.map((side) => (
                  <td class="number">
                    <MeasureText measure={side.get(iteration)} />
                  </td>
                )),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Longest label of a line that has room beside a chart. */
const LONGEST_NAME = 13;

/** Two ids without the words that they begin with alike, cut in the middle to the room beside a chart. */
export function shortNames(left: string, right: string): readonly [string, string] {
  if (left === right) return [cutMiddle(left), cutMiddle(right)];
  const [a, b] = [left.split('-'), right.split('-')];
  let same = 0;
  while (same < Math.min(a.length, b.length) - 1 && a[same] === b[same]) same += 1;
  return [cutMiddle(a.slice(same).join('-')), cutMiddle(b.slice(same).join('-'))];
}

const cutMiddle = (name: string): string =>
  name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 7)}…${name.slice(-6)}`;
