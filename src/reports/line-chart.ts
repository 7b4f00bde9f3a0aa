/** A chart of lines with bands; values are in [0, 1]. */
export interface LineChart {
  readonly title: string;
  readonly lines: readonly ChartLine[];
}

export interface ChartLine {
  readonly label: string;
  readonly points: readonly ChartPoint[];
}

export interface ChartPoint {
  readonly x: number;
  readonly mean: number;
  /** Of the band. */
  readonly low: number;
  readonly high: number;
}
