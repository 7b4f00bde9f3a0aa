import type { Expression } from '../expression/expression.ts';
import { evaluate } from '../expression/numeric.ts';
import { facts } from './facts.ts';

/** Intervals of reals and what can be done with them. */
export interface Interval {
  readonly low: Expression;
  readonly high: Expression;
  readonly hasLow: boolean;
  readonly hasHigh: boolean;
}

const INFINITY: Expression = { kind: 'constant', name: 'infinity' };
const MINUS_INFINITY: Expression = { kind: 'negate', of: INFINITY };
export const EVERYTHING: Interval = { low: MINUS_INFINITY, high: INFINITY, hasLow: false, hasHigh: false };

export function isInfinite(of: Expression): boolean {
  return (of.kind === 'constant' && of.name === 'infinity') || (of.kind === 'negate' && isInfinite(of.of));
}

export function point(at: Expression): Interval {
  return { low: at, high: at, hasLow: true, hasHigh: true };
}

export function below(high: Expression, hasHigh: boolean): Interval {
  return { low: MINUS_INFINITY, high, hasLow: false, hasHigh };
}

export function above(low: Expression, hasLow: boolean): Interval {
  return { low, high: INFINITY, hasLow, hasHigh: false };
}

/** NaN for an end with symbols. */
function numericValue(of: Expression): number {
  if (facts(of).symbols.size > 0) return Number.NaN;
  const { re, im } = evaluate(of, {
    symbols: new Map(),
    perDegree: 1,
    logBase: 'e',
    decimalShift: 0,
    largest: 0,
    domainBreaks: 0,
  });
  return im === 0 ? re : Number.NaN;
}

interface Ends {
  readonly interval: Interval;
  readonly low: number;
  readonly high: number;
}

/** In order, with numeric ends; undefined if some end isn't a number. */
function sorted(intervals: readonly Interval[]): Ends[] | undefined {
  const ends = intervals.map((interval) => ({
    interval,
    low: numericValue(interval.low),
    high: numericValue(interval.high),
  }));
  return ends.some(({ low, high }) => Number.isNaN(low) || Number.isNaN(high))
    ? undefined
    : ends.sort((a, b) => a.low - b.low || Number(b.interval.hasLow) - Number(a.interval.hasLow));
}

/** Touching and overlapping intervals joined, empty ones left out; as they are if an end isn't a number. */
export function merged(intervals: readonly Interval[]): readonly Interval[] {
  const ends = sorted(intervals);
  if (ends === undefined) return intervals;
  const result: Ends[] = [];
  for (const next of ends) {
    const { interval, low, high } = next;
    if (low > high || (low === high && !(interval.hasLow && interval.hasHigh))) continue;
    const last = result.at(-1);
    const touches = last && (low < last.high || (low === last.high && (interval.hasLow || last.interval.hasHigh)));
    if (!last || !touches) {
      result.push(next);
      continue;
    }
    const isLonger = high > last.high || (high === last.high && interval.hasHigh);
    if (isLonger)
      result[result.length - 1] = {
        interval: { ...last.interval, high: interval.high, hasHigh: interval.hasHigh },
        low: last.low,
        high,
      };
  }
  return result.map(({ interval }) => interval);
}

/** Common part of two intervals with numeric ends; undefined if it is empty or can't be decided. */
function intersect(a: Interval, b: Interval): Interval | undefined {
  const [al, ah, bl, bh] = [a.low, a.high, b.low, b.high].map(numericValue);
  if (al === undefined || ah === undefined || bl === undefined || bh === undefined) return undefined;
  if ([al, ah, bl, bh].some(Number.isNaN)) return undefined;
  const low = al > bl || (al === bl && !a.hasLow) ? a : b;
  const high = ah < bh || (ah === bh && !a.hasHigh) ? a : b;
  return Math.max(al, bl) < Math.min(ah, bh)
    ? { low: low.low, hasLow: low.hasLow, high: high.high, hasHigh: high.hasHigh }
    : undefined;
}

export function common(left: readonly Interval[], right: readonly Interval[]): Interval[] {
  return left.flatMap((a) => right.map((b) => intersect(a, b)).filter((part) => part !== undefined));
}

/** What intervals leave of the line; undefined if an end isn't a number, but for one point. */
export function complement(holes: readonly Interval[]): Interval[] | undefined {
  const [only] = holes;
  if (holes.length === 1 && only && only.low === only.high) return [below(only.low, false), above(only.low, false)];
  const ends = sorted(holes);
  if (ends === undefined) return undefined;
  const left: Interval[] = [];
  let rest: Interval = EVERYTHING;
  for (const { interval: hole, low } of ends) {
    if (low > numericValue(rest.low)) left.push({ ...rest, high: hole.low, hasHigh: !hole.hasLow });
    rest = above(hole.high, !hole.hasHigh);
  }
  if (numericValue(rest.low) < Number.POSITIVE_INFINITY) left.push(rest);
  return left;
}
