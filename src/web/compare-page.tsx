/** Campaigns side by side: curves over seeds, what differs in the settings, what they cost, and paired differences. */
import type { CampaignComparison, CampaignCost } from '../campaigns/compare-campaigns.ts';
import type { CampaignSummary } from '../db/views.ts';
import { formatCount, formatSeconds } from '../formats/for-people.ts';
import { meanOf } from '../reports/over-seeds.ts';
import type { ReportCampaign, ReportComparison, ReportGroup } from '../reports/report.ts';
import type { FigurePair } from '../scoring/compare-evaluations.ts';
import { metricsIn } from '../scoring/metrics.ts';
import { campaignAddress, comparisonAddress, evaluationAddress } from './addresses.ts';
import { Chart } from './chart.tsx';
import { chartData } from './chart-data.ts';
import { COMPARISON_AXES, type ComparisonAxis, groupLines } from './compare-lines.ts';
import { DifferenceText, isSure, points } from './difference.tsx';
import { Layout } from './layout.tsx';
import { capitalise, MeasureText, Status } from './parts.tsx';
import { type Column, Table } from './table.tsx';

export interface ComparePageProps {
  /** All there are, for the choice. */
  readonly campaigns: readonly CampaignSummary[];
  /** As they were asked for: names and patterns. */
  readonly asked: readonly string[];
  readonly axis: ComparisonAxis;
  readonly comparison: CampaignComparison;
}

const COMPARED = metricsIn('comparison');

export function ComparePage({ campaigns, asked, axis, comparison }: ComparePageProps) {
  const { groups } = comparison;
  const chosen = groups.flatMap((group) => group.campaigns.map(({ id }) => id));
  return (
    <Layout title="Compare">
      <header class="title">
        <h1>Compare</h1>
        <span class="facts">{groups.map(({ name }) => name).join(' · ')}</span>
      </header>
      <Choice campaigns={campaigns} chosen={chosen} />
      <div class="sections">
        {chosen.length < 2 ? (
          <section class="panel">
            <p class="empty">
              {campaigns.length < 2
                ? 'A comparison needs two campaigns. Start one more, or fork this one with other settings.'
                : 'Choose two campaigns or more above.'}
            </p>
          </section>
        ) : (
          <>
            <Campaigns comparison={comparison} />
            <SettingDifferences comparison={comparison} />
            <SuiteComparison asked={asked} axis={axis} comparison={comparison} />
          </>
        )}
      </div>
    </Layout>
  );
}

function Choice({
  campaigns,
  chosen,
}: {
  readonly campaigns: readonly CampaignSummary[];
  readonly chosen: readonly string[];
}) {
  return (
    <details class="panel choice" open={chosen.length < 2}>
      <summary>{`${chosen.length} of ${campaigns.length} campaigns chosen`}</summary>
      <form method="get" action="/compare">
        <fieldset>
          <legend>Campaigns</legend>
          {campaigns.map(({ id }) => (
            <label>
              <input type="checkbox" name="campaigns" value={id} checked={chosen.includes(id)} /> {id}
            </label>
          ))}
        </fieldset>
        <button type="submit">compare</button>
      </form>
    </details>
  );
}

interface CampaignRow {
  readonly group: ReportGroup;
  readonly campaign: ReportCampaign;
  readonly cost: CampaignCost | undefined;
}

function Campaigns({ comparison: { groups, costs, suite } }: { readonly comparison: CampaignComparison }) {
  const rows = groups.flatMap((group) =>
    group.campaigns.map(
      (campaign): CampaignRow => ({ group, campaign, cost: costs.find(({ id }) => id === campaign.id) }),
    ),
  );
  const isGrouped = groups.some((group) => group.campaigns.length > 1);
  const baseline = (group: ReportGroup): string =>
    comparisonAddress([group, ...groups.filter((other) => other !== group)].flatMap(idsOf), { suite });
  const columns: Column<CampaignRow>[] = [
    { head: 'Campaign', cell: ({ campaign: { id } }) => <a href={campaignAddress(id)}>{id}</a> },
    ...(isGrouped ? [{ head: 'Group', cell: ({ group }: CampaignRow) => group.name }] : []),
    {
      head: 'Compared as',
      note: 'Differences are those of the other groups from the baseline',
      cell: ({ group }) =>
        group === groups[0] ? (
          'baseline'
        ) : (
          <a href={baseline(group)} aria-label={`take as baseline: ${group.name}`}>
            take as baseline
          </a>
        ),
    },
    { head: 'Status', cell: ({ campaign: { status } }) => <Status status={status} /> },
    { head: 'Method', kind: 'optional', cell: ({ cost }) => cost?.method ?? '–' },
    { head: 'Seed', kind: 'number', cell: ({ campaign: { seed } }) => `${seed}` },
    { head: 'Iterations', kind: 'number', cell: ({ cost }) => formatCount(cost?.iterations ?? 0) },
    {
      head: 'Rollouts',
      note: 'Sampled for the training',
      kind: 'number',
      cell: ({ cost }) => formatCount(cost?.rollouts ?? 0),
    },
    {
      head: 'New tokens',
      note: 'Written by the model in these rollouts',
      kind: 'number',
      cell: ({ cost }) => formatCount(cost?.newTokens ?? 0),
    },
    { head: 'Time', note: 'Sum of all stages', kind: 'number', cell: ({ cost }) => formatSeconds(cost?.seconds) },
    ...COMPARED.map(
      ({ label, short = label, note, pick }): Column<CampaignRow> => ({
        head: capitalise(short),
        note: `${note} Last evaluation on ${suite ?? 'the suite'}.`,
        kind: 'number',
        cell: ({ campaign }) => {
          const last = campaign.evaluations.findLast((item) => item.suite === suite);
          return <MeasureText measure={last === undefined ? undefined : pick(last.metrics)} />;
        },
      }),
    ),
  ];
  return (
    <section class="panel" aria-labelledby="campaigns">
      <h2 id="campaigns">Campaigns</h2>
      {isGrouped ? <p class="note">Campaigns that differ in their seeds only are one group.</p> : null}
      <Table label="Campaigns" columns={columns} rows={rows} />
    </section>
  );
}

const idsOf = ({ campaigns }: ReportGroup): string[] => campaigns.map(({ id }) => id);

function SettingDifferences({ comparison: { groups, settings } }: { readonly comparison: CampaignComparison }) {
  const columns: Column<CampaignComparison['settings'][number]>[] = [
    { head: 'Setting', cell: ({ path }) => <code>{path}</code> },
    ...groups.map(
      ({ name }, index): Column<CampaignComparison['settings'][number]> => ({
        head: name,
        cell: ({ values }) => <span class="value">{settingText(values[index])}</span>,
      }),
    ),
  ];
  return (
    <section class="panel" aria-labelledby="settings">
      <h2 id="settings">Settings that differ</h2>
      {settings.length === 0 ? (
        <p class="empty">All have the same settings, except for names and seeds.</p>
      ) : (
        <Table label="Settings that differ" columns={columns} rows={settings} />
      )}
    </section>
  );
}

const settingText = (value: unknown): string =>
  value === undefined ? 'not set' : typeof value === 'string' ? value : JSON.stringify(value);

function SuiteComparison({
  asked,
  axis,
  comparison: { groups, suites, suite, differences },
}: Omit<ComparePageProps, 'campaigns'>) {
  if (suite === undefined)
    return (
      <section class="panel">
        <p class="empty">None of these campaigns has been measured yet.</p>
      </section>
    );
  const isGrouped = groups.some(({ campaigns }) => campaigns.length > 1);
  return (
    <section class="panel" aria-labelledby="suite">
      <h2 id="suite">{`Figures on ${suite}`}</h2>
      <Links
        label="Suite"
        items={suites.map((name) => ({
          name,
          to: comparisonAddress(asked, { suite: name, by: axis }),
          isChosen: name === suite,
        }))}
      />
      <Links
        label="Curves by"
        items={COMPARISON_AXES.map((name) => ({
          name,
          to: comparisonAddress(asked, { suite, by: name }),
          isChosen: name === axis,
        }))}
      />
      <div class="charts">
        {COMPARED.map((metric) => (
          <Chart
            id={`${suite}-${metric.key}`.replace(/[^\w-]/g, '-')}
            title={capitalise(metric.name)}
            note={`${metric.note} ${isGrouped ? 'Mean over seeds, from the lowest to the highest; of one seed its 95 % interval.' : 'Bands are 95 % intervals.'}`}
            data={chartData(groupLines(groups, suite, metric, axis), { xName: axis, unit: 'share' })}
          />
        ))}
      </div>
      <h2 class="below">{`Differences on ${suite}`}</h2>
      {differences.length === 0 ? (
        <p class="empty">
          {`No group was measured on ${suite} after as many rollouts and with the same seed as ${groups[0]?.name}. Choose another suite, or wait for the next evaluation.`}
        </p>
      ) : (
        differences.map((difference) => <Differences difference={difference} />)
      )}
    </section>
  );
}

interface LinkItem {
  readonly name: string;
  readonly to: string;
  readonly isChosen: boolean;
}

/** Which of several views is shown. */
function Links({ label, items }: { readonly label: string; readonly items: readonly LinkItem[] }) {
  if (items.length < 2) return null;
  return (
    <nav class="chips" aria-label={label}>
      <span>{label}</span>
      {items.map(({ name, to, isChosen }) => (
        <a href={to} aria-current={isChosen ? 'true' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}

interface FigureRow {
  readonly figure: string;
  readonly ofSeeds: readonly (FigurePair | undefined)[];
}

/** A group less the baseline, figure by figure and seed by seed. */
function Differences({ difference: { left, right, rollouts, seeds } }: { readonly difference: ReportComparison }) {
  const names = [...new Set(seeds.flatMap(({ figures }) => figures.map(({ figure }) => figure)))];
  const rows = names.map(
    (figure): FigureRow => ({
      figure,
      ofSeeds: seeds.map(({ figures }) => figures.find((item) => item.figure === figure)),
    }),
  );
  const [only] = seeds;
  const columns: Column<FigureRow>[] = [
    { head: 'Figure', cell: ({ figure }) => figure },
    ...(seeds.length === 1
      ? [
          {
            head: left,
            kind: 'number',
            cell: ({ ofSeeds }: FigureRow) => <MeasureText measure={ofSeeds[0]?.left} />,
          } as const,
          {
            head: right,
            kind: 'number',
            cell: ({ ofSeeds }: FigureRow) => <MeasureText measure={ofSeeds[0]?.right} />,
          } as const,
        ]
      : [
          {
            head: 'Mean difference',
            kind: 'number',
            cell: ({ ofSeeds }: FigureRow) => {
              const known = ofSeeds.flatMap((pair) => pair?.difference?.value ?? []);
              return known.length === 0 ? '–' : points(meanOf(known));
            },
          } as const,
        ]),
    ...seeds.map(
      ({ seed }, index): Column<FigureRow> => ({
        head: seeds.length === 1 ? 'Difference' : `Seed ${seed}`,
        kind: 'number',
        mark: ({ ofSeeds }) => (isSure(ofSeeds[index]?.difference) ? 'sure' : undefined),
        cell: ({ ofSeeds }) => <DifferenceText difference={ofSeeds[index]?.difference} />,
      }),
    ),
    ...seeds.map(
      ({ seed }, index): Column<FigureRow> => ({
        head: seeds.length === 1 ? 'Problems better : worse' : `Seed ${seed} better : worse`,
        note: 'Problems on which the group is better than the baseline, and worse; p of so uneven a split by McNemar’s exact test',
        kind: 'number',
        cell: ({ ofSeeds }) => {
          const found = ofSeeds[index]?.difference;
          if (found === undefined || !('p' in found)) return <span class="none">–</span>;
          return (
            <span class="measure">
              {`${found.rightAbove} : ${found.leftAbove}`}
              <small>{`p ${found.p < 0.001 ? '< 0.001' : found.p.toFixed(3)}`}</small>
            </span>
          );
        },
      }),
    ),
  ];
  return (
    <>
      <h3>{`${right} less ${left}`}</h3>
      <p class="note">
        {`After ${formatCount(rollouts)} rollouts, in points. `}
        {only?.pairedOver === undefined
          ? 'They measured other problems: intervals of 95 % of the difference of two independent means.'
          : `On the same ${formatCount(only.pairedOver)} problems: intervals of 95 % by bootstrap over the problems. Bold where zero is outside.`}
        {seeds.map(({ seed, left: a, right: b }) => (
          <>
            {seeds.length === 1 ? ' Problems: ' : ` Problems of seed ${seed}: `}
            <a href={evaluationAddress(a)}>{left}</a>, <a href={evaluationAddress(b)}>{right}</a>.
          </>
        ))}
      </p>
      <Table label={`${right} less ${left}`} columns={columns} rows={rows} />
    </>
  );
}
