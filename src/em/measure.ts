/** Measured means with 95 % intervals. */

export interface Measure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

const Z = 1.959964;

/**
 * Mean of values in [0, 1] over n items; undefined over none. Wilson's interval, which for shares is right near 0 and 1
 * and for fractional values (avg@k, probabilities) is conservative, since their variance is at most p(1 − p).
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
