/** fp32 weights to int8, each output channel with its own scale, transposed for the integer product. */
import { INT8_STEPS } from '../models/weight-layout.ts';

/** Rows transposed at a time: whole cache lines are written, and the rows stay in the cache meanwhile. */
const TILE_ROWS = 64;

/** Added so that truncation rounds down: to the nearest as Math.round does, in half the time. */
const ABOVE_ZERO = 128;

export interface QuantisedPlace {
  /** `[in, scales.length]`. */
  readonly matrix: Int8Array;
  /** By output channel; value = int8 * scale. */
  readonly scales: Float32Array;
  /** The column of `matrix` in which the first row of values comes to lie. */
  readonly firstColumn: number;
}

/** Rounds rows `[out, in]` to the nearest of 255 steps around zero; the error is at most half a scale. */
export function quantiseRows(values: Float32Array, { matrix, scales, firstColumn }: QuantisedPlace): void {
  const columns = scales.length;
  const width = matrix.length / columns;
  const rows = values.length / width;
  const inverses = new Float64Array(TILE_ROWS);
  for (let start = 0; start < rows; start += TILE_ROWS) {
    const end = Math.min(rows, start + TILE_ROWS);
    for (let row = start; row < end; row++) {
      const largest = largestMagnitude(values, row * width, width);
      scales[firstColumn + row] = largest / INT8_STEPS;
      inverses[row - start] = largest === 0 ? 0 : INT8_STEPS / largest;
    }
    for (let i = 0; i < width; i++) {
      const to = i * columns + firstColumn + start;
      for (let row = 0, from = start * width + i; row < end - start; row++, from += width)
        matrix[to + row] = (((values[from] ?? 0) * (inverses[row] ?? 0) + ABOVE_ZERO + 0.5) | 0) - ABOVE_ZERO;
    }
  }
}

/** NaN if one of them is. */
function largestMagnitude(values: Float32Array, start: number, count: number): number {
  let largest = 0;
  let sum = 0;
  for (let i = start; i < start + count; i++) {
    const magnitude = Math.abs(values[i] ?? 0);
    sum += magnitude;
    if (magnitude > largest) largest = magnitude;
  }
  return Number.isNaN(sum) ? Number.NaN : largest;
}
