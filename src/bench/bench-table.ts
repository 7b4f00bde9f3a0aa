/** The figures of a bench as rows for people, CSV, a page and Markdown. */
import type { BenchRow } from '../campaigns/bench-figures.ts';
import { formatCount, formatMeasure, formatMetric, formatShare } from '../formats/for-people.ts';
import type { Block } from '../reports/blocks.ts';
import type { LineChart } from '../reports/line-chart.ts';

/** A way to answer of one cell. */
export interface BenchEntry extends BenchRow {
  readonly suite: string;
  readonly model: string;
  readonly prompt: string;
}

export interface BenchResult {
  readonly entries: readonly BenchEntry[];
  readonly reference: Pick<BenchEntry, 'model' | 'prompt' | 'arm' | 'votes'>;
  /** Most tokens a problem for the second table. */
  readonly tokens?: number;
}

/** `em auto`, `em few-shot code maj@8` */
export const nameOf = ({ model, prompt, arm, votes }: BenchResult['reference']): string =>
  [model, ...(prompt === 'own' ? [] : [prompt]), wayOf({ arm, votes })].join(' ');

const wayOf = ({ arm, votes }: Pick<BenchEntry, 'arm' | 'votes'>): string =>
  votes === 1 ? arm : `${arm} maj@${votes}`;

export const suitesOf = (entries: readonly BenchEntry[]): string[] => [...new Set(entries.map(({ suite }) => suite))];

export const BENCH_HEAD = [
  'way',
  'accuracy',
  'less the reference',
  'pass@3',
  'tokens',
  'executions',
  'prompt tokens',
  's a problem',
];

export const benchCells = (entry: BenchEntry): string[] => [
  nameOf(entry),
  formatMeasure(entry.accuracy),
  entry.difference === undefined ? '' : formatMeasure(entry.difference),
  entry.passAt3 === undefined ? '' : formatShare(entry.passAt3.value),
  formatMetric(entry.tokens),
  formatMetric(entry.executions),
  formatCount(entry.promptTokens),
  entry.secondsAProblem === undefined ? '' : formatMetric(entry.secondsAProblem),
];

/** Of each model and prompt the most accurate way within the tokens, the cheaper one where two are equal. */
export function bestWithin(entries: readonly BenchEntry[], tokens: number): BenchEntry[] {
  const best = new Map<string, BenchEntry>();
  for (const entry of entries) {
    if (entry.tokens > tokens) continue;
    const key = JSON.stringify([entry.suite, entry.model, entry.prompt]);
    const known = best.get(key);
    const gain = known === undefined ? 1 : entry.accuracy.value - known.accuracy.value;
    if (gain > 0 || (gain === 0 && known !== undefined && entry.tokens < known.tokens)) best.set(key, entry);
  }
  return [...best.values()];
}

/** Accuracy against tokens a problem: a line for each model, prompt and arm, from one rollout to the largest vote. */
export function benchChart(suite: string, entries: readonly BenchEntry[]): LineChart {
  const lines = new Map<string, BenchEntry[]>();
  for (const entry of entries.filter((item) => item.suite === suite)) {
    const label = nameOf({ ...entry, votes: 1 });
    lines.set(label, [...(lines.get(label) ?? []), entry]);
  }
  return {
    title: `accuracy against tokens a problem, ${suite}`,
    lines: [...lines].map(([label, points]) => ({
      label,
      points: points
        .map(({ tokens, accuracy }) => ({ x: tokens, mean: accuracy.value, low: accuracy.low, high: accuracy.high }))
        .sort((a, b) => a.x - b.x),
    })),
  };
}

/** @param command that made it, e.g. `npx whencode bench examples/benches/testbed.yaml --out DIR` */
export function benchBlocks({ entries, reference, tokens }: BenchResult, command: string): Block[] {
  return [
    { kind: 'heading', level: 1, text: 'Bench' },
    { kind: 'command', text: command },
    {
      kind: 'paragraph',
      text:
        `A row is a way to answer: one rollout of an arm, or the majority vote of several. Intervals are of 95 %, over the problems. ` +
        `“Less the reference” is the accuracy less that of ${nameOf(reference)} on the same problems, with a bootstrap interval. ` +
        'Tokens are those that the model writes for one answer, executions the code blocks that it runs; the prompt counts once. ' +
        'Seconds are those of the evaluation with all its arms, of its last run where it was interrupted, on the machine where it ran.',
    },
    ...suitesOf(entries).flatMap((suite): Block[] => {
      const own = entries.filter((entry) => entry.suite === suite);
      const within = tokens === undefined ? [] : bestWithin(own, tokens);
      return [
        { kind: 'heading', level: 2, text: suite },
        { kind: 'chart', file: `bench-${suite}`.replace(/[^\w.-]/g, '-'), chart: benchChart(suite, own) },
        { kind: 'table', head: BENCH_HEAD, rows: own.map((entry) => ({ cells: benchCells(entry) })) },
        ...(within.length === 0
          ? []
          : [
              { kind: 'heading', level: 3, text: `${suite}: the best within ${tokens} tokens a problem` } as const,
              { kind: 'table', head: BENCH_HEAD, rows: within.map((entry) => ({ cells: benchCells(entry) })) } as const,
            ]),
      ];
    }),
  ];
}

const CSV_COLUMNS: readonly (readonly [string, (entry: BenchEntry) => string | number | undefined])[] = [
  ['suite', ({ suite }) => suite],
  ['model', ({ model }) => model],
  ['prompt', ({ prompt }) => prompt],
  ['arm', ({ arm }) => arm],
  ['votes', ({ votes }) => votes],
  ['accuracy', ({ accuracy }) => accuracy.value],
  ['accuracy_low', ({ accuracy }) => accuracy.low],
  ['accuracy_high', ({ accuracy }) => accuracy.high],
  ['problems', ({ accuracy }) => accuracy.n],
  ['difference', ({ difference }) => difference?.value],
  ['difference_low', ({ difference }) => difference?.low],
  ['difference_high', ({ difference }) => difference?.high],
  ['pass_at_3', ({ passAt3 }) => passAt3?.value],
  ['tokens', ({ tokens }) => tokens],
  ['prompt_tokens', ({ promptTokens }) => promptTokens],
  ['executions', ({ executions }) => executions],
  ['seconds_a_problem', ({ secondsAProblem }) => secondsAProblem],
  ['evaluation', ({ evaluation }) => evaluation],
];

/** RFC 4180; names hold no commas, suites may. */
export const benchCsv = (entries: readonly BenchEntry[]): string =>
  [
    CSV_COLUMNS.map(([column]) => column).join(','),
    ...entries.map((entry) =>
      CSV_COLUMNS.map(([, read]) => {
        const text = String(read(entry) ?? '');
        return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
      }).join(','),
    ),
  ].join('\r\n');
