/** The recorded grid over settings as a page of docs/. */
import type { DemoIteration } from '../../src/demo/result.ts';
import { BALANCED_PRIOR, crossingOf, fallOf, short } from './curves-page.ts';

export interface RecordedRow {
  /** The method and what the row changes of its example, as given on the command line. */
  readonly row: string;
  /** π(code) of the warm start. */
  readonly prior: number;
  readonly seed: number;
  readonly iterations: readonly DemoIteration[];
}

type Column = readonly [name: string, read: (items: readonly DemoIteration[]) => string];

const atEnd =
  (read: (item: DemoIteration) => number) =>
  (items: readonly DemoIteration[]): string => {
    const last = items.at(-1);
    return last === undefined ? '–' : short(read(last));
  };

const COLUMNS: readonly Column[] = [
  ['auto', atEnd(({ accuracy }) => accuracy.auto.value)],
  ['selection, sampled', atEnd(({ selectionAccuracy }) => selectionAccuracy.sampled.value)],
  ['code rate', atEnd(({ codeRate }) => codeRate.value)],
  ['rollouts until half write code', crossingOf],
  ['oracle: largest fall', (items) => short(fallOf(({ oracle }) => oracle.value, items[0], items))],
  ['forced CoT: fall', (items) => short(fallOf(({ accuracy }) => accuracy.cot.value, items[0], items.slice(-1)))],
  ['forced code: fall', (items) => short(fallOf(({ accuracy }) => accuracy.code.value, items[0], items.slice(-1)))],
];

function table(rows: readonly RecordedRow[]): string {
  const names = [...new Set(rows.map(({ row }) => row))].sort();
  const lines = names.map((name) => {
    const runs = rows.filter(({ row }) => row === name).sort((a, b) => a.seed - b.seed);
    const seeds = runs.map(({ seed }) => seed).join(' / ');
    const cells = COLUMNS.map(([, read]) => runs.map(({ iterations }) => read(iterations)).join(' / '));
    return `| \`${name}\` | ${[seeds, ...cells].join(' | ')} |`;
  });
  return `| row | seeds | ${COLUMNS.map(([name]) => name).join(' | ')} |\n|---|${'---|'.repeat(COLUMNS.length + 1)}\n${lines.join('\n')}\n`;
}

/** Tables by warm start; the row's command is part of the page, so that a figure can be made again. */
export function gridMarkdown(rows: readonly RecordedRow[]): string {
  const priors = [...new Set(rows.map(({ prior }) => prior))].sort((a, b) => b - a);
  const sections = priors.map((prior) => {
    const mine = rows.filter((row) => row.prior === prior);
    const name = prior === BALANCED_PRIOR ? `${prior} (balanced)` : String(prior);
    return `## From π(code) ≈ ${name}\n\n${table(mine)}`;
  });
  return `# Grid over settings of the testbed

Whole campaigns on the testbed, each with as many training rollouts as 4 iterations of \`em\`, measured on
${rows[0]?.iterations[0]?.accuracy.auto.n ?? 0} held-out problems (95 % intervals of about ±.05 at .5 and ±.03 at .9). A row is a method and the settings that it
changes of that method's example file; seeds stand side by side in a cell. Falls are below the warm start: the oracle's over all
iterations, the arms' at the end. Made by

\`\`\`bash
npx whencode up &
node --import tsx test/bench/settings-grid.ts --seeds 1,2,3 --prior 0.03 --row "ROW"
\`\`\`

${sections.join('\n')}`;
}
