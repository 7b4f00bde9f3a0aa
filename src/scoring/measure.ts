/** Measured means with 95 % intervals. */

import type { Measure } from '../protocol/evaluation-metrics.ts';

const Z = 1.959964;

/**
 * Mean of values in [0, 1] over n items; undefined for n = 0. The interval is Wilson's. For shares it is accurate near 0
 * and 1; for fractional values (avg@k, probabilities) it is conservative, since their variance is at most p(1 − p).
 *
 * @example measureMean([1, 1, 0, 1])?.value; // 0.75
 */
export function measureMean(values: readonly number[]): Measure | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  const value = values.reduce((sum, x) => sum + x, 0) / n;
  const centre = (value + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
  const half = (Z / (1 + (Z * Z) / n)) * Math.sqrt((value * (1 - value)) / n + (Z * Z) / (4 * n * n));
  return {
    value,
    low: Math.max(0, Math.min(value, centre - half)),
    high: Math.min(1, Math.max(value, centre + half)),
    n,
  };
}

/**
 * Mean of one value in [0, 1] per item, with the normal interval from the variance between items, which suits values that
 * are means themselves. If the variance is 0, the interval is Wilson's, since the next item may differ.
 */
export function measureByItem(values: readonly number[]): Measure | undefined {
  const n = values.length;
  const wilson = measureMean(values);
  if (wilson === undefined) return undefined;
  const { value } = wilson;
  const sumOfSquares = values.reduce((sum, x) => sum + (x - value) ** 2, 0);
  if (n < 2 || sumOfSquares < 1e-12) return wilson;
  const half = Z * Math.sqrt(sumOfSquares / (n - 1) / n);
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half), n };
}
