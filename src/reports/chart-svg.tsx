/** A chart as SVG, drawn without a script, so that it can stand in a page and in a file. */
import { formatCount, formatShare } from '../formats/for-people.ts';
import type { ChartLine, LineChart } from './line-chart.ts';

const WIDTH = 560;
const PLOT = { left: 44, right: 12, top: 30, height: 220 } as const;
const LINE_OF_LEGEND = 18;
/** Told apart by people who see no red or no green (Okabe and Ito, 2008), and by dashes. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];
const DASHES = ['', '7 4', '2 3', '9 3 2 3', '12 4', '4 4'];
const TICKS = [0, 0.25, 0.5, 0.75, 1];

export function ChartSvg({ title, lines }: LineChart) {
  const most = Math.max(1, ...lines.flatMap(({ points }) => points.map((point) => point.x)));
  const x = (value: number): number => PLOT.left + (value / most) * (WIDTH - PLOT.left - PLOT.right);
  const y = (value: number): number => PLOT.top + (1 - value) * PLOT.height;
  const bottom = PLOT.top + PLOT.height;
  const height = bottom + 34 + lines.length * LINE_OF_LEGEND;
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox={`0 0 ${WIDTH} ${height}`}
      width={WIDTH}
      height={height}
      role="img"
      aria-label={title}
      font-family="sans-serif"
      font-size="12"
    >
      <rect width={WIDTH} height={height} fill="#ffffff" />
      <text x={PLOT.left} y="18" font-weight="bold" fill="#222222">
        {title}
      </text>
      {TICKS.map((tick) => (
        <>
          <line x1={PLOT.left} x2={WIDTH - PLOT.right} y1={fixed(y(tick))} y2={fixed(y(tick))} stroke="#dddddd" />
          <text x={PLOT.left - 6} y={fixed(y(tick) + 4)} text-anchor="end" fill="#444444">
            {formatShare(tick)}
          </text>
        </>
      ))}
      {[0, most / 2, most].map((tick) => (
        <text x={fixed(x(tick))} y={bottom + 16} text-anchor={tick === most ? 'end' : 'middle'} fill="#444444">
          {formatCount(tick)}
        </text>
      ))}
      {lines.map((line, at) => (
        <Line line={line} colour={COLOURS[at % COLOURS.length]} dash={DASHES[at % DASHES.length]} x={x} y={y} />
      ))}
      {lines.map(({ label }, at) => {
        const place = bottom + 34 + at * LINE_OF_LEGEND;
        return (
          <>
            <line
              x1={PLOT.left}
              x2={PLOT.left + 30}
              y1={place - 4}
              y2={place - 4}
              stroke={COLOURS[at % COLOURS.length]}
              stroke-width="2"
              stroke-dasharray={DASHES[at % DASHES.length]}
            />
            <text x={PLOT.left + 38} y={place} fill="#222222">
              {label}
            </text>
          </>
        );
      })}
    </svg>
  );
}

interface LineProps {
  readonly line: ChartLine;
  readonly colour: string | undefined;
  readonly dash: string | undefined;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

function Line({ line: { points }, colour, dash, x, y }: LineProps) {
  const place = (at: number, value: number): string => `${fixed(x(at))},${fixed(y(value))}`;
  const upper = points.map((point) => place(point.x, point.high));
  const lower = points.map((point) => place(point.x, point.low)).reverse();
  return (
    <>
      <polygon points={[...upper, ...lower].join(' ')} fill={colour} opacity="0.15" />
      <polyline
        points={points.map((point) => place(point.x, point.mean)).join(' ')}
        fill="none"
        stroke={colour}
        stroke-width="2"
        stroke-dasharray={dash}
      />
      {points.map((point) => (
        <circle cx={fixed(x(point.x))} cy={fixed(y(point.mean))} r="2.5" fill={colour} />
      ))}
    </>
  );
}

const fixed = (value: number): string => value.toFixed(1);
