/** A line chart: its numbers as a table, which the script `charts.js` folds up and draws. */
import { formatMetric, formatPercent } from '../formats/for-people.ts';
import type { ChartData, ChartUnit } from './chart-data.ts';
import { type Column, Table } from './table.tsx';

export interface ChartProps {
  /** Unique on the page: what the reader zoomed and hid stays when the page is updated. */
  readonly id: string;
  readonly title: string;
  /** One sentence on what is shown. */
  readonly note: string;
  readonly data: ChartData;
}

/** Rows of the table; the downloads have all. */
const MOST_ROWS = 60;

export function Chart({ id, title, note, data }: ChartProps) {
  return (
    <figure class="chart" id={id} data-chart={JSON.stringify(data)}>
      <figcaption>
        <h3>{title}</h3>
        <p>{note}</p>
      </figcaption>
      <div class="plot"></div>
      <details class="numbers" data-key={`${id}-numbers`} open>
        <summary>Numbers</summary>
        <Numbers title={title} data={data} />
      </details>
    </figure>
  );
}

function Numbers({ title, data: { x, xName, unit, lines } }: { readonly title: string; readonly data: ChartData }) {
  const every = Math.ceil(x.length / MOST_ROWS);
  const rows = x.flatMap((place, index) => (index % every === 0 || index === x.length - 1 ? [{ place, index }] : []));
  const columns: Column<(typeof rows)[number]>[] = [
    { head: xName, cell: ({ place }) => (xName === 'iteration' && place === 0 ? 'start' : `${place}`) },
    ...lines.map(
      ({ name, values, low, high }): Column<(typeof rows)[number]> => ({
        head: name,
        kind: 'number',
        cell: ({ index }) => {
          const [value, least, most] = [values[index], low?.[index], high?.[index]];
          if (value == null) return '–';
          if (least == null || most == null) return format(value, unit);
          return (
            <span class="measure">
              {format(value, unit)}
              <small>{`${format(least, unit)}–${format(most, unit)}`}</small>
            </span>
          );
        },
      }),
    ),
  ];
  return <Table label={`${title}: numbers`} columns={columns} rows={rows} />;
}

function format(value: number, unit: ChartUnit): string {
  switch (unit) {
    case 'share':
      return formatPercent(value);
    case 'number':
      return formatMetric(value);
  }
}
