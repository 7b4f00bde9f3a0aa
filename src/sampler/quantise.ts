/** fp32 weights to int8, each output channel with its own scale, transposed for the integer product. */
import { INT8_STEPS } from './weight-layout.ts';

/** Rows transposed at a time: whole cache lines are written, and the rows stay in the cache meanwhile. */
const TILE_ROWS = 64;

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
      let largest = 0;
      for (let i = row * width; i < (row + 1) * width; i++) largest = Math.max(largest, Math.abs(values[i] ?? 0));
      scales[firstColumn + row] = largest / INT8_STEPS;
      inverses[row - start] = largest === 0 ? 0 : INT8_STEPS / largest;
    }
    for (let i = 0; i < width; i++)
      for (let row = start; row < end; row++) {
        const scaled = (values[row * width + i] ?? 0) * (inverses[row - start] ?? 0);
        matrix[i * columns + firstColumn + row] = Math.round(scaled);
      }
  }
}
