/** Line charts of measured shares over iterations, drawn on the server as SVG: no script, no library. */

import { formatPercent } from '../formats/for-people.ts';
import type { Measure } from '../protocol/evaluation-metrics.ts';

export interface ChartPoint {
  readonly iteration: number;
  readonly measure: Measure;
}

export interface ChartSeries {
  readonly name: string;
  /** Class that gives the colour, e.g. `series-auto`. */
  readonly className: string;
  readonly marker: 'circle' | 'square' | 'triangle' | 'diamond';
  readonly dashed?: boolean;
  readonly points: readonly ChartPoint[];
}

export interface ChartProps {
  readonly title: string;
  /** One sentence on what is shown. */
  readonly note: string;
  readonly series: readonly ChartSeries[];
  /** The x axis runs from 0 to here. */
  readonly iterations: number;
  /** A faint reference, such as the share that a perfect decision would reach. */
  readonly reference?: ChartSeries;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const WIDE: Frame = { width: 640, height: 270, left: 40, right: 100, top: 12, bottom: 34 };
const NARROW: Frame = { width: 350, height: 240, left: 36, right: 88, top: 12, bottom: 34 };
const SHARES = [0, 0.25, 0.5, 0.75, 1];
const LABEL_GAP = 15;
/** Horizontal offset between series, so that their intervals don't overlap. */
const DODGE = 5;

/** The same chart in two aspect ratios. The style sheet shows the one that fits the screen, so that its text is readable. */
export function Chart(props: ChartProps) {
  return (
    <figure class="chart">
      <figcaption>
        <h3>{props.title}</h3>
        <p>{props.note}</p>
      </figcaption>
      <ChartSvg {...props} frame={WIDE} className="wide" />
      <ChartSvg {...props} frame={NARROW} className="narrow" />
    </figure>
  );
}

function ChartSvg({
  title,
  series,
  iterations,
  reference,
  frame,
  className,
}: ChartProps & { readonly frame: Frame; readonly className: string }) {
  const last = Math.max(1, iterations);
  const x = (iteration: number) => round(frame.left + (iteration / last) * (frame.width - frame.left - frame.right));
  const y = (share: number) => round(frame.height - frame.bottom - share * (frame.height - frame.top - frame.bottom));
  const every = Math.ceil((last + 1) / (frame.width > 400 ? 16 : 8));
  const shown = series.filter((item) => item.points.length > 0);
  const lines = reference === undefined || reference.points.length === 0 ? shown : [reference, ...shown];
  return (
    <svg
      class={className}
      viewBox={`0 0 ${frame.width} ${frame.height}`}
      role="img"
      aria-label={describe(title, shown)}
    >
      <g class="grid">
        {SHARES.map((share) => (
          <line x1={frame.left} x2={frame.width - frame.right} y1={y(share)} y2={y(share)} />
        ))}
      </g>
      <g class="axis">
        {SHARES.map((share) => (
          <text x={frame.left - 8} y={y(share) + 4} text-anchor="end">
            {share * 100}
            {share === 1 ? ' %' : ''}
          </text>
        ))}
        {[...Array(last + 1).keys()]
          .filter((iteration) => iteration % every === 0)
          .map((iteration) => (
            <text x={x(iteration)} y={frame.height - frame.bottom + 18} text-anchor="middle">
              {iteration === 0 ? 'start' : iteration}
            </text>
          ))}
        <text x={frame.width - frame.right + 12} y={frame.height - frame.bottom + 18} class="axis-name">
          iteration
        </text>
      </g>
      {reference === undefined || reference.points.length === 0 ? null : (
        <polyline
          class={`reference ${reference.className}`}
          points={reference.points.map((p) => `${x(p.iteration)},${y(p.measure.value)}`).join(' ')}
        />
      )}
      {shown.map((item, index) => (
        <Line series={item} shift={(index - (shown.length - 1) / 2) * DODGE} x={x} y={y} />
      ))}
      {placeLabels(lines, y, frame).map((label) => (
        <text class={`label ${label.className}`} x={x(label.iteration) + 14} y={label.y + 4}>
          {label.name}
        </text>
      ))}
    </svg>
  );
}

function Line({
  series,
  shift,
  x,
  y,
}: {
  readonly series: ChartSeries;
  readonly shift: number;
  readonly x: (iteration: number) => number;
  readonly y: (share: number) => number;
}) {
  const at = (point: ChartPoint) => round(x(point.iteration) + shift);
  return (
    <g class={`series ${series.className}${series.dashed === true ? ' dashed' : ''}`}>
      {series.points.map((point) => (
        <line class="interval" x1={at(point)} x2={at(point)} y1={y(point.measure.low)} y2={y(point.measure.high)} />
      ))}
      <polyline points={series.points.map((point) => `${at(point)},${y(point.measure.value)}`).join(' ')} />
      {series.points.map((point) => (
        <g class="point">
          <title>{describePoint(series, point)}</title>
          <Marker marker={series.marker} x={at(point)} y={y(point.measure.value)} />
        </g>
      ))}
    </g>
  );
}

function Marker({ marker, x, y }: { readonly marker: ChartSeries['marker']; readonly x: number; readonly y: number }) {
  switch (marker) {
    case 'circle':
      return <circle cx={x} cy={y} r="4" />;
    case 'square':
      return <rect x={x - 3.5} y={y - 3.5} width="7" height="7" />;
    case 'triangle':
      return <path d={`M${x} ${y - 4.5}l4.6 8h-9.2z`} />;
    case 'diamond':
      return <path d={`M${x} ${y - 5}l5 5l-5 5l-5 -5z`} />;
  }
}

/** Names at the ends of their lines, moved as little as needed (least squares) so that none overlap. */
export function placeLabels(
  series: readonly ChartSeries[],
  y: (share: number) => number,
  frame: Pick<Frame, 'height' | 'bottom' | 'top'>,
) {
  const labels = series.flatMap((item) => {
    const last = item.points.at(-1);
    if (last === undefined) return [];
    return [{ name: item.name, className: item.className, iteration: last.iteration, y: y(last.measure.value) }];
  });
  labels.sort((a, b) => a.y - b.y);
  // Isotonic regression: without its gap a label may not be above the previous one; violating labels are pooled.
  const pools: { sum: number; count: number }[] = [];
  for (const [index, label] of labels.entries()) {
    pools.push({ sum: label.y - index * LABEL_GAP, count: 1 });
    for (
      let [above, below] = pools.slice(-2);
      above !== undefined && below !== undefined;
      [above, below] = pools.slice(-2)
    ) {
      if (above.sum / above.count <= below.sum / below.count) break;
      pools.splice(-2, 2, { sum: above.sum + below.sum, count: above.count + below.count });
    }
  }
  const lowest = frame.height - frame.bottom - (labels.length - 1) * LABEL_GAP;
  const places = pools.flatMap(({ sum, count }) =>
    Array.from({ length: count }, () => Math.max(frame.top, Math.min(lowest, sum / count))),
  );
  return labels.map((label, index) => ({ ...label, y: round((places[index] ?? label.y) + index * LABEL_GAP) }));
}

function describePoint(series: ChartSeries, { iteration, measure }: ChartPoint): string {
  const where = iteration === 0 ? 'start' : `iteration ${iteration}`;
  return `${series.name}, ${where}: ${formatPercent(measure.value)}, 95 % interval ${formatPercent(measure.low)} to ${formatPercent(measure.high)}, n ${measure.n}`;
}

function describe(title: string, series: readonly ChartSeries[]): string {
  const ends = series.flatMap((item) => {
    const [first, last] = [item.points[0], item.points.at(-1)];
    if (first === undefined || last === undefined) return [];
    return [`${item.name} from ${formatPercent(first.measure.value)} to ${formatPercent(last.measure.value)}`];
  });
  return `${title}: ${ends.join('; ') || 'nothing measured yet'}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
