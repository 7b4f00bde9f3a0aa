/** Text tables. */
import { formatMeasure } from '../formats/for-people.ts';
import { printableLine } from '../formats/printable.ts';
import type { EvaluationMetrics } from '../protocol/evaluation-metrics.ts';
import type { Metric } from '../scoring/metrics.ts';
import { terminalWidth } from './terminal.ts';

const GAP = '  ';
/** The last column is cut to this at least; else it is left out. */
const LEAST_CUT = 16;

/**
 * Columns as wide as their content; numbers to the right. On a terminal that is narrower, the last columns are cut or
 * left out, and a line says which.
 *
 * @param width of the terminal; undefined where the output is no terminal
 */
export function renderTable(
  header: readonly string[],
  given: readonly (readonly string[])[],
  width: number | undefined = terminalWidth(),
): string {
  // Before their widths are taken. A name with a newline in it must not pass for a row.
  const rows = given.map((row) => row.map(printableLine));
  const whole = renderWhole(header, rows);
  if (width === undefined || widthOf(whole) <= width) return whole;
  for (let kept = header.length; kept > 1; kept -= 1) {
    const note = kept === header.length ? '' : `\n(too narrow for: ${header.slice(kept).join(', ')}; --json has all)`;
    const short = renderWhole(header.slice(0, kept), rows);
    if (widthOf(short) <= width) return short + note;
    const before = widthOf(renderWhole(header.slice(0, kept - 1), rows)) + GAP.length;
    const room = width - before;
    if (room < LEAST_CUT) continue;
    const cut = rows.map((row) => [...row.slice(0, kept - 1), cutTo(row[kept - 1] ?? '', room)]);
    return renderWhole(header.slice(0, kept), cut) + note;
  }
  return renderWhole(header.slice(0, 1), rows);
}

const widthOf = (table: string): number => Math.max(...table.split('\n').map((line) => line.length));
const cutTo = (text: string, room: number): string => (text.length <= room ? text : `${text.slice(0, room - 1)}…`);

function renderWhole(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const isNumeric = header.map((_, column) =>
    rows.every((row) => /^[-–—\d.%]?[\d.,]*[\d%–—s]?( .*)?$/.test(row[column] ?? '')),
  );
  const line = (cells: readonly string[]) =>
    cells
      .slice(0, header.length)
      .map((cell, column) =>
        isNumeric[column] === true && rows.length > 0
          ? cell.padStart(widths[column] ?? 0)
          : cell.padEnd(widths[column] ?? 0),
      )
      .join(GAP)
      .trimEnd();
  return [line(header), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}

/** The metrics of an evaluation as cells of a row; dashes where nothing was measured. */
export const measureCells = (metrics: readonly Metric[], of: EvaluationMetrics | undefined): string[] =>
  metrics.map(({ pick }) => formatMeasure(of === undefined ? undefined : pick(of)));
