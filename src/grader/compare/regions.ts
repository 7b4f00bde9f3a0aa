import type { Expression } from '../expression/expression.ts';
import { evaluate } from '../expression/numeric.ts';
import type { Answer, Relation } from '../structure/structure.ts';
import { type Comparison, correct, incorrect, type Outcome } from './outcome.ts';
import { compareExpressions } from './scalars.ts';

/** Sets of reals as intervals: what intervals, unions, inequalities, set builders and named sets have in common. */
interface Interval {
  readonly low: Expression;
  readonly high: Expression;
  readonly hasLow: boolean;
  readonly hasHigh: boolean;
}

const INFINITY: Expression = { kind: 'constant', name: 'infinity' };
const MINUS_INFINITY: Expression = { kind: 'negate', of: INFINITY };
const EVERYTHING: Interval = { low: MINUS_INFINITY, high: INFINITY, hasLow: false, hasHigh: false };

function isInfinite(of: Expression): boolean {
  return (of.kind === 'constant' && of.name === 'infinity') || (of.kind === 'negate' && isInfinite(of.of));
}

/** Whether an answer can only be meant as a set of reals, not as a tuple or a list. */
export function isRegion(answer: Answer): boolean {
  switch (answer.kind) {
    case 'relation':
      return answer.signs.every(
        (sign) =>
          sign === '<' ||
          sign === '>' ||
          sign === '<=' ||
          sign === '>=' ||
          sign === '!=' ||
          sign === 'in' ||
          sign === 'notin',
      );
    case 'union':
    case 'set-builder':
    case 'named-set':
      return true;
    case 'group':
      return (
        answer.items.length === 2 &&
        answer.open !== '{' &&
        answer.open !== '<' &&
        (answer.open === ']' ||
          (answer.open === '(') !== (answer.close === ')') ||
          answer.items.some((item) => item.kind === 'scalar' && isInfinite(item.expression)))
      ); // prettier-ignore
    case 'list':
      return answer.items.length > 0 && answer.items.every(isRegion);
    default:
      return false;
  }
}

function expressionOf(answer: Answer | undefined): Expression | undefined {
  return answer?.kind === 'scalar' ? answer.expression : undefined;
}

function point(at: Expression): Interval {
  return { low: at, high: at, hasLow: true, hasHigh: true };
}

function around(points: readonly Expression[]): Interval[] {
  const sorted = [...points].sort((a, b) => numericValue(a) - numericValue(b));
  const intervals: Interval[] = [];
  let low = MINUS_INFINITY;
  for (const high of [...sorted, INFINITY]) {
    intervals.push({ low, high, hasLow: false, hasHigh: false });
    low = high;
  }
  return intervals;
}

function numericValue(of: Expression): number {
  return evaluate(of, { symbols: new Map(), perDegree: 1, logBase: 'e', decimalShift: 0, largest: 0, domainBreaks: 0 })
    .re;
}

function fromRelation({ sides, signs }: Relation): Interval[] | undefined {
  const expressions = sides.map(expressionOf);
  if (signs.length === 1) {
    const [left, right] = expressions;
    const set = sides[1];
    if (signs[0] === 'in') return set && toRegion(set);
    if (left === undefined || right === undefined) return undefined;
    const sign = signs[0];
    if (sign === '!=' && left.kind === 'symbol') return around([right]);
    const isLeft = left.kind === 'symbol';
    if (!isLeft && right.kind !== 'symbol') return undefined;
    const bound = isLeft ? right : left;
    const isBelow = (sign === '<' || sign === '<=') === isLeft;
    const isClosed = sign === '<=' || sign === '>=';
    if (sign === '=') return [point(bound)];
    if (sign !== '<' && sign !== '<=' && sign !== '>' && sign !== '>=') return undefined;
    return [
      isBelow
        ? { low: MINUS_INFINITY, high: bound, hasLow: false, hasHigh: isClosed }
        : { low: bound, high: INFINITY, hasLow: isClosed, hasHigh: false },
    ];
  }
  const [first, middle, last] = expressions;
  if (signs.length !== 2 || first === undefined || last === undefined || middle?.kind !== 'symbol') return undefined;
  const isRising = signs.every((sign) => sign === '<' || sign === '<=');
  if (!isRising && !signs.every((sign) => sign === '>' || sign === '>=')) return undefined;
  const closed = signs.map((sign) => sign.length === 2);
  return [
    isRising
      ? { low: first, high: last, hasLow: closed[0] ?? false, hasHigh: closed[1] ?? false }
      : { low: last, high: first, hasLow: closed[1] ?? false, hasHigh: closed[0] ?? false },
  ];
}

/** Common part of two intervals with numeric ends; undefined if empty. */
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

/** `x > 1, x < 3` means both where both can hold; `x < 1, x > 3` means either; `x ≠ 1, x ≠ 2` leaves both out. */
function fromList(items: readonly Answer[]): Interval[] | undefined {
  const excluded: Expression[] = [];
  const regions: Interval[][] = [];
  for (const item of items) {
    const bound =
      item.kind === 'relation' && item.signs[0] === '!=' && item.signs.length === 1
        ? expressionOf(item.sides[1])
        : undefined;
    if (bound) excluded.push(bound);
    else if (item.kind === 'relation' && item.signs[0] === 'in' && item.sides[1]?.kind === 'named-set') continue;
    else {
      const region = toRegion(item);
      if (region === undefined) return undefined;
      regions.push(region);
    }
  }
  if (excluded.length > 0) return regions.length === 0 ? around(excluded) : undefined;
  const [a, b] = regions;
  if (regions.length === 2 && a?.length === 1 && b?.length === 1 && a[0] && b[0]) {
    const common = intersect(a[0], b[0]);
    if (common && items.every((item) => item.kind === 'relation')) return [common];
  }
  return regions.flat();
}

/** undefined if the answer isn't a set of reals in a form known here. */
export function toRegion(answer: Answer): Interval[] | undefined {
  switch (answer.kind) {
    case 'relation':
      return fromRelation(answer);
    case 'list':
      return fromList(answer.items);
    case 'named-set':
      return answer.name === 'empty' ? [] : answer.name === 'R' ? [EVERYTHING] : undefined;
    case 'set-builder':
      return answer.element.kind === 'scalar' || answer.element.kind === 'relation'
        ? toRegion(answer.condition)
        : undefined;
    case 'union': {
      const parts = answer.parts.map(toRegion);
      const regions = parts.filter((part) => part !== undefined);
      if (regions.length < parts.length) return undefined;
      if (answer.sign === 'union') return regions.flat();
      const [whole, holes] = regions;
      if (answer.sign === 'intersection')
        return whole?.[0] && holes?.[0] && whole.length + holes.length === 2
          ? [intersect(whole[0], holes[0])].filter((part) => part !== undefined)
          : undefined;
      const isLine = whole?.length === 1 && whole[0] === EVERYTHING;
      return isLine && holes?.every((hole) => hole.low === hole.high)
        ? around(holes.map((hole) => hole.low))
        : undefined;
    }
    case 'group': {
      if (answer.open === '{') {
        const points = answer.items.map(expressionOf);
        return points.every((p) => p !== undefined) ? points.map(point) : undefined;
      }
      const [low, high] = answer.items.map(expressionOf);
      if (answer.items.length !== 2 || low === undefined || high === undefined || answer.open === '<') return undefined;
      return [{ low, high, hasLow: answer.open === '[', hasHigh: answer.close === ']' }];
    }
    default:
      return undefined;
  }
}

function compareIntervals(a: Interval, b: Interval, how: Comparison): Outcome {
  if (a.hasLow !== b.hasLow || a.hasHigh !== b.hasHigh) return incorrect('boundary-differs');
  const low = compareExpressions(a.low, b.low, how);
  return low.verdict === 'correct' ? compareExpressions(a.high, b.high, how) : low;
}

/** Interval by interval, in any order. */
export function compareRegions(gold: readonly Interval[], answer: readonly Interval[], how: Comparison): Outcome {
  if (gold.length !== answer.length) return incorrect('set-differs');
  const left = [...answer];
  let last: Outcome = incorrect('set-differs');
  for (const interval of gold) {
    const at = left.findIndex((other) => {
      const outcome = compareIntervals(interval, other, how);
      if (outcome.verdict !== 'correct') last = outcome;
      return outcome.verdict === 'correct';
    });
    if (at < 0) return last;
    left.splice(at, 1);
  }
  return correct('set-equal');
}
