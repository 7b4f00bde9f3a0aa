/** What a chart shows, as plain data: for the script that draws it, its table, and its downloads. */
import type { Measure } from '../protocol/evaluation-metrics.ts';

export interface ChartPoint {
  readonly x: number;
  readonly value: number;
  /** 95 % interval. */
  readonly low?: number;
  readonly high?: number;
}

/** Colours of the style sheet: an arm has the same one in every chart. */
export type Hue = 'auto' | 'cot' | 'code' | 'oracle' | 'prefix';

export interface ChartLine {
  readonly name: string;
  readonly hue: Hue;
  /** Told apart without colour. */
  readonly dash?: 'dashed' | 'dotted';
  readonly points: readonly ChartPoint[];
}

/** `share`: of 0 to 1, written as per cent. */
export type ChartUnit = 'share' | 'number';

type Values = readonly (number | null)[];

/** Every line has a value or null for every x. */
export interface ChartData {
  readonly xName: string;
  readonly unit: ChartUnit;
  readonly x: readonly number[];
  readonly lines: readonly {
    readonly name: string;
    readonly hue: Hue;
    readonly dash?: 'dashed' | 'dotted';
    readonly values: Values;
    /** Absent for a line without intervals. */
    readonly low?: Values;
    readonly high?: Values;
  }[];
  /** Vertical lines, e.g. where an iteration begins. */
  readonly marks?: readonly { readonly x: number; readonly label: string }[];
}

/** Puts lines on one x axis. Lines without points are left out. */
export function chartData(
  lines: readonly ChartLine[],
  { xName, unit, marks }: Pick<ChartData, 'xName' | 'unit' | 'marks'>,
): ChartData {
  const shown = lines.filter(({ points }) => points.length > 0);
  const x = [...new Set(shown.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b);
  return {
    xName,
    unit,
    x,
    lines: shown.map(({ name, hue, dash, points }) => {
      const at = new Map(points.map((point) => [point.x, point]));
      const valuesOf = (key: 'value' | 'low' | 'high') => x.map((place) => at.get(place)?.[key] ?? null);
      const hasIntervals = points.some(({ low }) => low !== undefined);
      return {
        name,
        hue,
        ...(dash === undefined ? {} : { dash }),
        values: valuesOf('value'),
        ...(hasIntervals ? { low: valuesOf('low'), high: valuesOf('high') } : {}),
      };
    }),
    ...(marks === undefined ? {} : { marks }),
  };
}

export const pointOf = (x: number, { value, low, high }: Measure): ChartPoint => ({ x, value, low, high });

/**
 * At most `most` points: means over stretches of equal length, each at the x of its first point.
 *
 * @example thinned([{ x: 1, value: 1 }, { x: 2, value: 3 }], 1) // [{ x: 1, value: 2 }]
 */
export function thinned(points: readonly ChartPoint[], most: number): readonly ChartPoint[] {
  const length = Math.ceil(points.length / most);
  if (length <= 1) return points;
  const means: ChartPoint[] = [];
  for (let from = 0; from < points.length; from += length) {
    const stretch = points.slice(from, from + length);
    const value = stretch.reduce((sum, point) => sum + point.value, 0) / stretch.length;
    means.push({ x: stretch[0]?.x ?? from, value });
  }
  return means;
}
