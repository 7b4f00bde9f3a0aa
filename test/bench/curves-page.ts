/** The recorded curves as a page of docs/. */
import type { TestbedMethod } from '../../src/demo/campaigns.ts';
import type { DemoIteration } from '../../src/demo/result.ts';

/** π(code) of the balanced warm start. */
export const BALANCED_PRIOR = 0.5;

export interface RecordedCurve {
  readonly method: TestbedMethod;
  /** π(code) of the warm start. */
  readonly prior: number;
  readonly seed: number;
  readonly iterations: readonly DemoIteration[];
}

export const short = (value: number): string => value.toFixed(2).replace(/^0/, '');

type Read = (item: DemoIteration) => number;

/** The start's value less the least one of `items`; 0 where nothing fell. */
export const fallOf = (read: Read, start: DemoIteration | undefined, items: readonly DemoIteration[]): number =>
  start === undefined ? 0 : Math.max(0, read(start) - Math.min(...items.map(read)));

/** Rollouts until half of the auto rollouts write code. */
export const crossingOf = (items: readonly DemoIteration[]): string =>
  items.find(({ codeRate, iteration }) => iteration > 0 && codeRate.value >= 0.5)?.rollouts.toLocaleString('en') ??
  'never';

const MEASURES: readonly (readonly [string, Read])[] = [
  ['auto', (item) => item.accuracy.auto.value],
  ['selection, sampled', (item) => item.selectionAccuracy.sampled.value],
  ['selection, greedy', (item) => item.selectionAccuracy.greedy.value],
  ['code rate', (item) => item.codeRate.value],
  ['forced CoT', (item) => item.accuracy.cot.value],
  ['forced code', (item) => item.accuracy.code.value],
  ['oracle (either arm)', (item) => item.oracle.value],
];

/** A row per method, a column per number of rollouts at which `em` was measured; seeds side by side in a cell. */
function table(
  curves: readonly RecordedCurve[],
  marks: readonly number[],
  [name, read]: (typeof MEASURES)[number],
): string {
  const methods = [...new Set(curves.map((curve) => curve.method))];
  const rows = methods.map((method) => {
    const runs = curves.filter((curve) => curve.method === method).sort((a, b) => a.seed - b.seed);
    const at = (mark: number) => runs.map((run) => run.iterations.find(({ rollouts }) => rollouts === mark));
    const cells = marks.map((mark) =>
      at(mark)
        .map((item) => (item === undefined ? '–' : short(read(item))))
        .join(' / '),
    );
    const last = at(marks.at(-1) ?? 0).flatMap((item) => (item === undefined ? [] : [read(item)]));
    const mean = last.reduce((sum, value) => sum + value, 0) / Math.max(1, last.length);
    return `| ${method} | ${cells.join(' | ')} | ${short(mean)} |`;
  });
  const header = marks.map((mark) => (mark === 0 ? 'start' : mark.toLocaleString('en')));
  return `| ${name} | ${header.join(' | ')} | mean at the end |\n|---|${'---|'.repeat(marks.length + 1)}\n${rows.join('\n')}\n`;
}

/** What an iteration cost at most on the way: the oracle's largest fall below the start, and the worst `auto`. */
function losses(curves: readonly RecordedCurve[]): string {
  const methods = [...new Set(curves.map((curve) => curve.method))];
  const rows = methods.map((method) => {
    const runs = curves.filter((curve) => curve.method === method).sort((a, b) => a.seed - b.seed);
    const per = (read: (run: RecordedCurve) => string): string => runs.map(read).join(' / ');
    const fall = (of: Read, items: (run: RecordedCurve) => readonly DemoIteration[]) =>
      per((run) => short(fallOf(of, run.iterations[0], items(run))));
    const all = (run: RecordedCurve) => run.iterations;
    const last = (run: RecordedCurve) => run.iterations.slice(-1);
    const crossing = per((run) => crossingOf(run.iterations));
    return `| ${method} | ${crossing} | ${fall((i) => i.oracle.value, all)} | ${fall((i) => i.accuracy.cot.value, last)} | ${fall((i) => i.accuracy.code.value, last)} |`;
  });
  return `| | rollouts until half of the auto rollouts write code | oracle: largest fall below the start | forced CoT: fall at the end | forced code: fall at the end |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

/** How each method fares as the start writes less code; a prior recorded on one seed has no tables of its own. */
function byPrior(curves: readonly RecordedCurve[]): string {
  const priors = [...new Set(curves.map(({ prior }) => prior))].filter((prior) => prior < BALANCED_PRIOR);
  const ordered = priors.sort((a, b) => b - a);
  const rows = [...new Set(curves.map(({ method }) => method))].map((method) => {
    const cells = ordered.map((prior) => {
      const runs = curves.filter((curve) => curve.method === method && curve.prior === prior);
      const read = (of: (run: RecordedCurve) => string): string =>
        runs
          .sort((a, b) => a.seed - b.seed)
          .map(of)
          .join(' / ');
      if (runs.length === 0) return '–';
      const auto = read(({ iterations }) => short(iterations.at(-1)?.accuracy.auto.value ?? 0));
      return `${read(({ iterations }) => crossingOf(iterations))}; ${auto}`;
    });
    return `| ${method} | ${cells.join(' | ')} |`;
  });
  return `## How rarely a start may write code

Rollouts until half of the auto rollouts write code; auto at the end. Seeds side by side, seed 1 where there is one value.

| π(code) of the start | ${ordered.join(' | ')} |
|---|${'---|'.repeat(ordered.length)}
${rows.join('\n')}
`;
}

export function curvesMarkdown(curves: readonly RecordedCurve[]): string {
  const priors = [...new Set(curves.map((curve) => curve.prior))].sort((a, b) => b - a);
  const sections = priors.flatMap((prior) => {
    const mine = curves.filter((curve) => curve.prior === prior);
    if (new Set(mine.map(({ seed }) => seed)).size === 1) return [];
    const reference = mine.find((curve) => curve.method === 'em') ?? mine[0];
    const marks = reference?.iterations.map(({ rollouts }) => rollouts) ?? [];
    const tables = MEASURES.map((measure) => table(mine, marks, measure));
    return [`## From π(code) ≈ ${prior}\n\n${[...tables, losses(mine)].join('\n')}`];
  });
  const unique = (read: (curve: RecordedCurve) => string | number): string => [...new Set(curves.map(read))].join(',');
  return `# Recorded curves of the testbed

The recorded methods through the whole durable path, on ${curves[0]?.iterations[0]?.accuracy.auto.n ?? 0} held-out problems (95 % intervals of about ±.05 at .5 and
±.03 at .9), greedy decoding; seeds ${[...new Set(curves.map((curve) => curve.seed))].join(', ')}, each with a warm start of its own, side by side in every cell.
Columns are rollouts sampled for training, so that methods with other schedules stand at equal budget. A cell with fewer
values was recorded on fewer seeds, the first ones; a method without a row is not recorded yet. Made by

\`\`\`bash
npx whencode up &
node --import tsx test/bench/curves.ts --seeds ${unique(({ seed }) => seed)} --methods ${unique(({ method }) => method)} --priors ${unique(({ prior }) => prior)}
\`\`\`

\`em\` is examples/testbed.yaml, \`rl\` examples/testbed-rl.yaml (on-policy), \`rft\` examples/testbed-rft.yaml.

${[...sections, byPrior(curves)].join('\n')}`;
}
