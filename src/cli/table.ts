/** Text tables. */
import { formatMeasure } from '../formats/for-people.ts';
import { printableLine } from '../formats/printable.ts';
import type { EvaluationMetrics } from '../protocol/evaluation-metrics.ts';
import type { Metric } from '../scoring/metrics.ts';

/** Columns as wide as their content; numbers to the right. */
export function renderTable(header: readonly string[], given: readonly (readonly string[])[]): string {
  // Before their widths are taken. A name with a newline in it must not pass for a row.
  const rows = given.map((row) => row.map(printableLine));
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const isNumeric = header.map((_, column) =>
    rows.every((row) => /^[-–—\d.%]?[\d.,]*[\d%–—s]?( .*)?$/.test(row[column] ?? '')),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        isNumeric[column] === true && rows.length > 0
          ? cell.padStart(widths[column] ?? 0)
          : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(header), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}

/** The metrics of an evaluation as cells of a row; dashes where nothing was measured. */
export const measureCells = (metrics: readonly Metric[], of: EvaluationMetrics | undefined): string[] =>
  metrics.map(({ pick }) => formatMeasure(of === undefined ? undefined : pick(of)));
