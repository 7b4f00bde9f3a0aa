/** Tables. Columns are data, so that heads and cells always match. */
import type { Child } from 'hono/jsx';
import { formatCount } from '../formats/for-people.ts';
import type { EvaluationMetrics } from '../protocol/evaluation-metrics.ts';
import type { Metric } from '../scoring/metrics.ts';
import { capitalise, MeasureText } from './parts.tsx';

export interface Column<Row> {
  readonly head: string;
  /** Tooltip of the head. */
  readonly note?: string | undefined;
  /** `number`: aligned to the right. `optional`: left out on narrow screens. */
  readonly kind?: 'number' | 'optional';
  readonly cell: (row: Row) => Child;
  /** Class of a cell in addition to the column's kind, e.g. `alarm`. */
  readonly mark?: (row: Row) => string | undefined;
}

/**
 * A table that scrolls horizontally if necessary. The first column is the head of each row.
 *
 * @example <Table label="Files" columns={[{ head: 'Name', cell: ({ name }) => name }]} rows={files} />
 */
export function Table<Row>({
  label,
  columns,
  rows,
  rowClass,
}: {
  /** Name of the table for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowClass?: (row: Row) => string | undefined;
}) {
  const [first, ...others] = columns;
  return (
    // biome-ignore lint/a11y/useSemanticElements: no landmark, since the panel around it often has the same name, and no fieldset, which is for forms
    <div class="scroll" role="group" tabindex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ head, kind, note }) => (
              <th scope="col" class={kind} title={note}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr class={rowClass?.(row)}>
              <th scope="row">{first?.cell(row)}</th>
              {others.map(({ kind, mark, cell }) => (
                <td class={[kind, mark?.(row)].filter((name) => name !== undefined).join(' ') || undefined}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A count. 0 is pale, and a positive count of faults is highlighted. */
export const countColumn = <Row,>(
  head: string,
  count: (row: Row) => number,
  {
    note,
    isFault = false,
    more,
  }: {
    readonly note?: string | undefined;
    readonly isFault?: boolean;
    /** Below the count. */
    readonly more?: (row: Row) => Child;
  } = {},
): Column<Row> => ({
  head,
  note,
  kind: 'number',
  mark: (row) => (count(row) === 0 ? 'zero' : isFault ? 'alarm' : undefined),
  cell: (row) => (
    <>
      {formatCount(count(row))}
      {more?.(row)}
    </>
  ),
});

export const metricColumns = <Row,>(
  metrics: readonly Metric[],
  of: (row: Row) => EvaluationMetrics | undefined,
): Column<Row>[] =>
  metrics.map(({ label, short = label, note, pick }) => ({
    head: capitalise(short),
    note,
    kind: 'number',
    cell: (row) => {
      const measured = of(row);
      return <MeasureText measure={measured === undefined ? undefined : pick(measured)} />;
    },
  }));
