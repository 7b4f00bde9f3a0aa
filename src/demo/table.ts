/** The demo's result as text. */
import type { Measure } from '../protocol/evaluation-metrics.ts';
import type { DemoIteration, DemoResult } from './result.ts';

const short = (value: number): string => value.toFixed(2).replace(/^0/, '');

const share = ({ value, low, high }: Measure): string =>
  `${short(value)} ±${short(Math.max(value - low, high - value))}`;

function row(name: string, item: DemoIteration): string[] {
  const seconds = Object.values(item.seconds).reduce((sum, value) => sum + value, 0);
  return [
    name,
    item.iteration === 0 ? 'start' : String(item.iteration),
    share(item.accuracy.auto),
    share(item.accuracy.cot),
    share(item.accuracy.code),
    share(item.codeRate),
    share(item.selectionAccuracy.greedy),
    share(item.selectionAccuracy.sampled),
    `${seconds.toFixed(0)} s`,
  ];
}

export function demoTable(result: DemoResult): string {
  const header = ['', 'iteration', 'auto', 'forced CoT', 'forced code', 'code rate', 'selection', 'sampled', 'time'];
  const rows = [
    ...result.iterations.map((item) => row('em', item)),
    ...(result.rl?.iterations ?? []).map((item) => row('rl', item)),
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
