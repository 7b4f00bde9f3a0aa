/** Measured means with 95 % intervals. */

import type { Measure } from '../protocol/evaluation-metrics.ts';

const Z = 1.959964;

/** A value of one problem, and what it weighs in a mean over problems. */
export interface Item {
  readonly value: number;
  readonly weight: number;
}

/**
 * Mean of values in [0, 1] over n items; undefined for n = 0. The interval is Wilson's. For shares it is accurate near 0
 * and 1; for fractional values (avg@k, probabilities) it is conservative, since their variance is at most p(1 − p).
 *
 * @example measureMean([1, 1, 0, 1])?.value; // 0.75
 */
export const measureMean = (values: readonly number[]): Measure | undefined =>
  values.length === 0 ? undefined : measureShare(values.reduce((sum, x) => sum + x, 0) / values.length, values.length);

/** A share of n items, with Wilson's interval. */
export function measureShare(value: number, n: number): Measure {
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
 * Mean of one value in [0, 1] per item, with Student's interval from the variance between items, which suits values that
 * are means themselves. If the variance is 0, the interval is Wilson's, since the next item may differ.
 */
export const measureByItem = (values: readonly number[]): Measure | undefined =>
  byItem(values.map((value) => ({ value, weight: 1 })));

/**
 * Weighted mean over items. The interval is Wilson's for verdicts of 0 and 1 with equal weights, else Student's from the
 * variance between items. Values may be negative, e.g. a regret; they lie in [−1, 1].
 */
export function measureItems(items: readonly Item[]): Measure | undefined {
  const isShare = items.every(({ value, weight }) => (value === 0 || value === 1) && weight === items[0]?.weight);
  return isShare ? measureMean(items.map(({ value }) => value)) : byItem(items);
}

function byItem(items: readonly Item[]): Measure | undefined {
  const n = items.length;
  const total = items.reduce((sum, { weight }) => sum + weight, 0);
  if (total <= 0) return undefined;
  const value = items.reduce((sum, item) => sum + item.weight * item.value, 0) / total;
  const least = items.some((item) => item.value < 0) ? -1 : 0;
  const sumOfSquares = items.reduce((sum, item) => sum + (item.weight * (item.value - value)) ** 2, 0);
  if (n < 2 || sumOfSquares < 1e-12 * total * total) {
    if (least === 0) return measureShare(value, n);
    const { high } = measureShare(0, n);
    return { value, low: Math.max(-1, value - high), high: Math.min(1, value + high), n };
  }
  const half = (studentQuantile(n - 1) * Math.sqrt((sumOfSquares * n) / (n - 1))) / total;
  return { value, low: Math.max(least, value - half), high: Math.min(1, value + half), n };
}

/**
 * The 97.5 % quantile of Student's t: exact for 1 and 2 degrees of freedom, else by the expansion in 1/df, whose error is
 * below 0.003 at 3 and falls from there. Source: Abramowitz and Stegun 26.7.5.
 */
export function studentQuantile(df: number): number {
  if (df === 1) return Math.tan(0.475 * Math.PI);
  if (df === 2) return 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2));
  const terms = [
    (Z ** 3 + Z) / 4,
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96,
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384,
    (79 * Z ** 9 + 776 * Z ** 7 + 1482 * Z ** 5 - 1920 * Z ** 3 - 945 * Z) / 92_160,
  ];
  return terms.reduce((sum, term, at) => sum + term / df ** (at + 1), Z);
}
