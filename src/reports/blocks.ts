/** A report as headings, tables and charts, which a page and a Markdown file write in their own ways. */
import { stringify } from 'yaml';
import { formatCount, formatMeasure, formatShare, shortDigest } from '../formats/for-people.ts';
import type { Measure } from '../protocol/evaluation-metrics.ts';
import { METRICS, type Metric, metricsIn } from '../scoring/metrics.ts';
import { differingSettings } from './group-campaigns.ts';
import type { LineChart } from './line-chart.ts';
import { meanOf } from './over-seeds.ts';
import {
  commonMarks,
  evaluationAt,
  type Report,
  type ReportCampaign,
  type ReportEvaluation,
  type ReportGroup,
  suitesOf,
} from './report.ts';
import { seedChart } from './seed-chart.ts';

/** Text, with the place on the page that says more. */
export interface Part {
  readonly text: string;
  readonly to?: string;
}

export type Cell = string | readonly Part[];

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'command'; readonly text: string }
  | {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly { readonly id?: string; readonly cells: readonly Cell[] }[];
    }
  | { readonly kind: 'chart'; readonly file: string; readonly chart: LineChart }
  | { readonly kind: 'folded'; readonly summary: string; readonly text: string };

export function reportBlocks(report: Report): Block[] {
  const { groups, asked } = report;
  return [
    { kind: 'heading', level: 1, text: `Report on ${asked.join(', ')}` },
    {
      kind: 'command',
      text: `npx whencode report make ${asked.map(quote).join(' ')} --out DIR\nnpx whencode report verify DIR`,
    },
    {
      kind: 'paragraph',
      text:
        'Rollouts are those sampled for training, so that methods with other schedules stand at equal budget. Intervals are of 95 %, over the problems. ' +
        'Every number of a table over seeds is of an evaluation below, which names its manifest; `verify` computes all of them again from the rollouts and grades in the store.',
    },
    { kind: 'heading', level: 2, text: 'Campaigns' },
    campaignTable(groups),
    ...settingsTable(groups),
    ...suitesOf(report).flatMap((suite) => suiteBlocks(report, suite)),
    { kind: 'heading', level: 2, text: 'Lineage' },
    lineageTable(groups),
    { kind: 'heading', level: 2, text: 'Settings' },
    ...groups.map(({ name, settings }): Block => ({ kind: 'folded', summary: name, text: stringify(settings) })),
  ];
}

/** What of a report compares its groups: settings that differ, and by suite the figures over seeds and the paired differences. */
export function comparisonBlocks(report: Report, only?: string): Block[] {
  const { groups } = report;
  const suites = suitesOf(report).filter((suite) => only === undefined || suite === only);
  return [
    campaignTable(groups),
    ...settingsTable(groups),
    ...suites.flatMap((suite): Block[] => [
      { kind: 'heading', level: 2, text: `Suite ${suite}, by rollouts sampled for training` },
      ...seedTables(groups, suite),
      ...differenceBlocks(report, suite),
    ]),
  ];
}

const quote = (name: string): string => (/^[\w-]+$/.test(name) ? name : `'${name}'`);

function campaignTable(groups: readonly ReportGroup[]): Block {
  return {
    kind: 'table',
    head: ['group', 'campaign', 'seed', 'status', 'iterations', 'rollouts'],
    rows: groups.flatMap(({ name, campaigns }) =>
      campaigns.map(({ id, seed, status, iterations }) => ({
        cells: [
          name,
          id,
          `${seed}`,
          status,
          `${Math.max(0, ...iterations.map(({ iteration }) => iteration))}`,
          formatCount(iterations.reduce((sum, { rollouts }) => sum + rollouts, 0)),
        ],
      })),
    ),
  };
}

function settingsTable(groups: readonly ReportGroup[]): Block[] {
  if (groups.length < 2) return [];
  const rows = differingSettings(groups).map(({ path, values }) => ({
    cells: [path, ...values.map((value) => (value === undefined ? '–' : JSON.stringify(value)))],
  }));
  return [
    { kind: 'heading', level: 2, text: 'What differs' },
    { kind: 'table', head: ['setting', ...groups.map(({ name }) => name)], rows },
  ];
}

const CHARTED = METRICS.filter(({ chart }) => chart !== undefined);

const seedTables = (groups: readonly ReportGroup[], suite: string): Block[] =>
  CHARTED.map((metric) => seedTable(groups, suite, metric));

function suiteBlocks(report: Report, suite: string): Block[] {
  const groups = report.groups.filter(({ campaigns }) =>
    campaigns.some((campaign) => evaluationsOf(campaign, suite).length > 0),
  );
  return [
    { kind: 'heading', level: 2, text: `Suite ${suite}` },
    { kind: 'paragraph', text: 'Lines are means over seeds, bands reach from the lowest to the highest seed.' },
    ...CHARTED.flatMap((metric): Block[] => {
      const chart = seedChart(groups, suite, metric);
      return chart.lines.length === 0
        ? []
        : [{ kind: 'chart', file: `${suite}-${metric.key}`.replace(/[^\w.-]/g, '-'), chart }];
    }),
    { kind: 'heading', level: 3, text: `${suite}: seeds side by side` },
    ...seedTables(groups, suite),
    ...differenceBlocks(report, suite),
    { kind: 'heading', level: 3, text: `${suite}: every evaluation` },
    evaluationTable(groups, suite),
  ];
}

const evaluationsOf = ({ evaluations }: ReportCampaign, suite: string): ReportEvaluation[] =>
  evaluations.filter((item) => item.suite === suite);

const anchorOf = ({ id }: Pick<ReportEvaluation, 'id'>): string => id.replace(/[^\w-]/g, '-');

/** Columns: the numbers of rollouts at which the first group was measured. */
function seedTable(groups: readonly ReportGroup[], suite: string, { name, pick }: Metric): Block {
  const marks = commonMarks(groups.slice(0, 1), suite);
  const rows = groups.map((group) => {
    const at = (mark: number): (ReportEvaluation | undefined)[] =>
      group.campaigns.map((campaign) => evaluationAt(campaign, suite, mark));
    const cells = marks.map(
      (mark): Cell =>
        at(mark).flatMap((evaluation, index): Part[] => [
          ...(index === 0 ? [] : [{ text: ' / ' }]),
          evaluation === undefined
            ? { text: '–' }
            : { text: shareOf(pick(evaluation.metrics)), to: anchorOf(evaluation) },
        ]),
    );
    const last = at(marks.at(-1) ?? 0).flatMap((item) => (item === undefined ? [] : (pick(item.metrics)?.value ?? [])));
    return { cells: [group.name, ...cells, last.length === 0 ? '–' : formatShare(meanOf(last))] };
  });
  // Campaigns that sample nothing are trained at no rollouts too.
  const isStart = groups.every(({ campaigns }) =>
    campaigns.every((campaign) => (evaluationAt(campaign, suite, 0)?.iteration ?? 0) === 0),
  );
  const header = marks.map((mark) => (mark === 0 && isStart ? 'start' : formatCount(mark)));
  return { kind: 'table', head: [name, ...header, 'mean at the end'], rows };
}

const shareOf = (measure: Measure | undefined): string => (measure === undefined ? '–' : formatShare(measure.value));

function differenceBlocks({ comparisons }: Report, suite: string): Block[] {
  const own = comparisons.filter((item) => item.suite === suite);
  if (own.length === 0) return [];
  return [
    { kind: 'heading', level: 3, text: `${suite}: differences, seed by seed` },
    {
      kind: 'paragraph',
      text: 'Right less left on the same problems, with bootstrap intervals over the problems; the last column is the mean over the seeds.',
    },
    ...own.map(({ left, right, rollouts, seeds }): Block => {
      const names = [...new Set(seeds.flatMap(({ figures }) => figures.map(({ figure }) => figure)))];
      const rows = names.map((name) => {
        const found = seeds.map(({ figures }) => figures.find(({ figure }) => figure === name)?.difference);
        const known = found.flatMap((difference) => difference?.value ?? []);
        const cells = found.map((difference) => (difference === undefined ? '–' : formatMeasure(difference)));
        return { cells: [name, ...cells, known.length === 0 ? '–' : formatShare(meanOf(known))] };
      });
      const head = [
        `${right} less ${left}, ${formatCount(rollouts)} rollouts`,
        ...seeds.map(
          ({ seed, pairedOver }) => `seed ${seed} (${pairedOver === undefined ? 'unpaired' : `${pairedOver} pairs`})`,
        ),
        'mean',
      ];
      return { kind: 'table', head, rows };
    }),
  ];
}

function evaluationTable(groups: readonly ReportGroup[], suite: string): Block {
  const shown = metricsIn('evaluations');
  return {
    kind: 'table',
    head: ['campaign', 'iteration', 'rollouts', ...shown.map(({ label }) => label), 'checkpoint', 'manifest'],
    rows: groups.flatMap(({ campaigns }) =>
      campaigns.flatMap((campaign) =>
        evaluationsOf(campaign, suite).map((evaluation) => ({
          id: anchorOf(evaluation),
          cells: [
            campaign.id,
            `${evaluation.iteration}`,
            formatCount(evaluation.rollouts),
            ...shown.map(({ pick }) => formatMeasure(pick(evaluation.metrics))),
            shortDigest(evaluation.checkpoint),
            shortDigest(evaluation.manifest),
          ],
        })),
      ),
    ),
  };
}

function lineageTable(groups: readonly ReportGroup[]): Block {
  return {
    kind: 'table',
    head: ['campaign', 'iteration', 'from', 'to', 'rollouts', 'manifest of their grades'],
    rows: groups.flatMap(({ campaigns }) =>
      campaigns.flatMap(({ id, iterations, forkedFrom }) =>
        iterations.map(({ iteration, from, to, rollouts, score }) => ({
          cells: [
            id,
            `${iteration}`,
            iteration <= 1 && forkedFrom !== undefined ? `${shortDigest(from)} (${forkedFrom})` : shortDigest(from),
            shortDigest(to),
            formatCount(rollouts),
            shortDigest(score),
          ],
        })),
      ),
    ),
  };
}
