/** The difference of two weighted means over the same problems: a bootstrap interval and the counts of McNemar's test. */
import type { Random } from '../formats/random.ts';
import { logChoose } from './combinatorics.ts';
import { type Item, measureShare } from './measure.ts';

/** Both sides' values of one problem; a side is absent where the problem says nothing about the figure. */
export interface ItemPair {
  readonly left?: Item | undefined;
  readonly right?: Item | undefined;
}

export interface Difference {
  /** Right less left. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface PairedDifference extends Difference {
  /** Problems with a value on both sides. */
  readonly n: number;
  /** Problems whose value is larger on the left, and on the right. */
  readonly leftAbove: number;
  readonly rightAbove: number;
  /** McNemar's exact p, two-sided: the probability of so uneven a split if neither side is better. */
  readonly p: number;
}

const RESAMPLES = 1000;
const YIELD_EVERY = 50;

/**
 * The differences of several figures, with 95 % percentile intervals over resampled problems. All figures see the same
 * resamples.
 *
 * @param figures - Of each figure the pairs in the order of the same problems
 * @param random - Decides the resamples: equal seeds give equal intervals
 * @returns in the order of the figures; undefined where a side has no value
 */
export async function pairedDifferences(
  figures: readonly (readonly ItemPair[])[],
  random: Random,
): Promise<(PairedDifference | undefined)[]> {
  const problems = figures[0]?.length ?? 0;
  const columns = figures.map(columnsOf);
  const resampled: number[][] = figures.map(() => []);
  const times = new Float64Array(problems);
  for (let resample = 0; resample < RESAMPLES; resample += 1) {
    // The caller shares its thread with the API.
    if (resample % YIELD_EVERY === 0) await new Promise(setImmediate);
    times.fill(0);
    for (let draw = 0; draw < problems; draw += 1) {
      const at = random.below(problems);
      times[at] = (times[at] ?? 0) + 1;
    }
    for (const [at, column] of columns.entries()) {
      const difference = differenceOf(column, times);
      if (difference !== undefined) resampled[at]?.push(difference);
    }
  }
  const once = new Float64Array(problems).fill(1);
  return figures.map((pairs, at) => {
    const column = columns[at];
    const value = column === undefined ? undefined : differenceOf(column, once);
    return value === undefined ? undefined : summarise(pairs, value, resampled[at] ?? []);
  });
}

function summarise(pairs: readonly ItemPair[], value: number, resampled: readonly number[]): PairedDifference {
  const leads = pairs.flatMap(({ left, right }) =>
    left === undefined || right === undefined ? [] : [right.value - left.value],
  );
  const rightAbove = leads.filter((lead) => lead > 0).length;
  const leftAbove = leads.filter((lead) => lead < 0).length;
  const n = leads.length;
  return { value, ...intervalOf(value, resampled, n), n, leftAbove, rightAbove, p: mcNemar(leftAbove, rightAbove) };
}

function intervalOf(value: number, resampled: readonly number[], n: number): Pick<Difference, 'low' | 'high'> {
  const sorted = [...resampled].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? value;
  const [low, high] = [at(0.025), at(0.975)];
  if (high > low || n === 0) return { low: Math.min(low, value), high: Math.max(high, value) };
  // No problem differs, which does not prove that none would: as far as Wilson's interval of 0 of n.
  const half = measureShare(0, n).high;
  return { low: Math.max(-1, value - half), high: Math.min(1, value + half) };
}

/** p of `a` against `b` discordant problems: a sum of binomial probabilities at one half, doubled. */
export function mcNemar(a: number, b: number): number {
  const n = a + b;
  let tail = 0;
  for (let i = 0; i <= Math.min(a, b); i += 1) tail += Math.exp(logChoose(n, i) - n * Math.LN2);
  return Math.min(1, 2 * tail);
}

/** Weighted values and weights by problem, as flat arrays: resampling adds them up some thousand times. */
interface Columns {
  readonly left: readonly [sums: Float64Array, weights: Float64Array];
  readonly right: readonly [sums: Float64Array, weights: Float64Array];
}

function columnsOf(pairs: readonly ItemPair[]): Columns {
  const side = (items: readonly (Item | undefined)[]) =>
    [
      Float64Array.from(items, (item) => (item === undefined ? 0 : item.weight * item.value)),
      Float64Array.from(items, (item) => item?.weight ?? 0),
    ] as const;
  return { left: side(pairs.map(({ left }) => left)), right: side(pairs.map(({ right }) => right)) };
}

/** Undefined if a side has no value among the problems that are counted. */
function differenceOf({ left, right }: Columns, times: Float64Array): number | undefined {
  const [a, b] = [meanOf(left, times), meanOf(right, times)];
  return a === undefined || b === undefined ? undefined : b - a;
}

function meanOf([sums, weights]: Columns['left'], times: Float64Array): number | undefined {
  let [sum, weight] = [0, 0];
  for (let at = 0; at < times.length; at += 1) {
    const count = times[at] ?? 0;
    if (count === 0) continue;
    sum += count * (sums[at] ?? 0);
    weight += count * (weights[at] ?? 0);
  }
  return weight === 0 ? undefined : sum / weight;
}
