/** The demo's result as text. */
import type { Measure } from '../protocol/evaluation-metrics.ts';
import type { DemoIteration, DemoResult } from './result.ts';

const short = (value: number): string => value.toFixed(2).replace(/^0/, '');

const share = ({ value, low, high }: Measure): string =>
  `${short(value)} ±${short(Math.max(value - low, high - value))}`;

const secondsOf = ({ seconds }: DemoIteration): number => Object.values(seconds).reduce((sum, value) => sum + value, 0);

function row(name: string, item: DemoIteration): string[] {
  return [
    name,
    item.iteration === 0 ? 'start' : String(item.iteration),
    item.rollouts.toLocaleString('en'),
    share(item.accuracy.auto),
    share(item.accuracy.cot),
    share(item.accuracy.code),
    share(item.oracle),
    share(item.codeRate),
    share(item.selectionAccuracy.sampled),
    `${secondsOf(item).toFixed(0)} s`,
  ];
}

/** The last iteration within the rollouts of each iteration of another run, with the seconds since the one before. */
function atRolloutsOf(iterations: readonly DemoIteration[], other: readonly DemoIteration[]): DemoIteration[] {
  const marks = other.map(({ rollouts }) => rollouts);
  return marks.flatMap((mark, at) => {
    const isLast = at === marks.length - 1;
    const since = iterations.filter(({ rollouts }) => rollouts > (marks[at - 1] ?? -1) && (isLast || rollouts <= mark));
    const last = since.at(-1);
    return last === undefined
      ? []
      : [{ ...last, seconds: { all: since.reduce((sum, item) => sum + secondsOf(item), 0) } }];
  });
}

export function demoTable(result: DemoResult): string {
  const header = ['', 'iteration', 'rollouts', 'auto', 'CoT', 'code', 'oracle', 'code rate', 'selection', 'time'];
  const rows = [
    ...result.iterations.map((item) => row('em', item)),
    ...atRolloutsOf(result.rl?.iterations ?? [], result.iterations).map((item) => row('rl', item)),
  ];
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const body = rows.map((cells, index) =>
    index > 0 && cells[0] !== rows[index - 1]?.[0] ? `${rule}\n${line(cells)}` : line(cells),
  );
  return [line(header), rule, ...body].join('\n');
}
