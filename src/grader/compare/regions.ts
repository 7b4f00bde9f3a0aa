import type { Expression } from '../expression/expression.ts';
import type { RelationSign } from '../expression/names.ts';
import type { Answer, List, Relation } from '../structure/structure.ts';
import { above, below, common, complement, EVERYTHING, type Interval, isInfinite, merged, point } from './intervals.ts';
import { type Comparison, correct, incorrect, type Outcome } from './outcome.ts';
import { compareExpressions } from './scalars.ts';

/** Sets of reals as intervals: what intervals, unions, inequalities, set builders and named sets have in common. */

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

/** `0 < f(x) < 1` as `0 < x < 1`: where the other side is an interval, the name doesn't count. */
export function withSymbolForCall(answer: Answer): Answer {
  if (answer.kind !== 'relation' || !isRegion(answer)) return answer;
  const isCall = (side: Answer) =>
    side.kind === 'scalar' && side.expression.kind === 'call' && side.expression.name.startsWith('function:');
  if (answer.sides.filter(isCall).length !== 1) return answer;
  const symbol: Answer = { kind: 'scalar', expression: { kind: 'symbol', name: 'x' } };
  return { ...answer, sides: answer.sides.map((side) => (isCall(side) ? symbol : side)) };
}

function expressionOf(answer: Answer | undefined): Expression | undefined {
  return answer?.kind === 'scalar' ? answer.expression : undefined;
}

/** `|x| < 2`, `|x - 1| ≥ 3`. */
function fromAbsolute(of: Expression, sign: RelationSign, bound: Expression): Interval[] | undefined {
  const inner = of.kind === 'call' && of.name === 'abs' ? of.arguments[0] : undefined;
  if (inner?.kind !== 'symbol') return undefined;
  const low: Expression = { kind: 'negate', of: bound };
  const isClosed = sign === '<=' || sign === '>=';
  if (sign === '<' || sign === '<=') return [{ low, high: bound, hasLow: isClosed, hasHigh: isClosed }];
  return sign === '>' || sign === '>=' ? [below(low, isClosed), above(bound, isClosed)] : undefined;
}

const MIRRORED: Readonly<Partial<Record<RelationSign, RelationSign>>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

function fromRelation({ sides, signs }: Relation): readonly Interval[] | undefined {
  const expressions = sides.map(expressionOf);
  if (signs.length === 1) {
    const [left, right] = expressions;
    const [of, set] = sides;
    const [sign = '='] = signs;
    if (sign === 'in' || sign === 'notin') {
      const region = set && (isNamedReals(set) ? [EVERYTHING] : toRegion(set));
      if (of?.kind === 'scalar' && of.expression.kind !== 'symbol') return undefined;
      return sign === 'in' ? region : region && complement(region);
    }
    if (left === undefined || right === undefined) return undefined;
    const absolute = fromAbsolute(left, sign, right) ?? fromAbsolute(right, MIRRORED[sign] ?? sign, left);
    if (absolute) return absolute;
    if (sign === '!=' && left.kind === 'symbol') return complement([point(right)]);
    const isLeft = left.kind === 'symbol';
    if (!isLeft && right.kind !== 'symbol') return undefined;
    const bound = isLeft ? right : left;
    const isBelow = (sign === '<' || sign === '<=') === isLeft;
    const isClosed = sign === '<=' || sign === '>=';
    if (sign === '=') return [point(bound)];
    if (sign !== '<' && sign !== '<=' && sign !== '>' && sign !== '>=') return undefined;
    return [isBelow ? below(bound, isClosed) : above(bound, isClosed)];
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

function isNamedReals(set: Answer): boolean {
  return set.kind === 'scalar' && set.expression.kind === 'symbol' && set.expression.name === 'R';
}

/** `and` and `or` mean what they say. With a comma, `x > 1, x < 3` means both where both can hold; `x < 1, x > 3` means either; `x ≠ 1, x ≠ 2` leaves both out. */
function fromList({ items, join }: List): readonly Interval[] | undefined {
  const excluded: Interval[] = [];
  const regions: (readonly Interval[])[] = [];
  for (const item of items) {
    const bound =
      item.kind === 'relation' && item.signs[0] === '!=' && item.signs.length === 1
        ? expressionOf(item.sides[1])
        : undefined;
    if (bound) excluded.push(point(bound));
    else if (item.kind === 'relation' && item.signs[0] === 'in' && item.sides[1]?.kind === 'named-set') continue;
    else {
      const region = toRegion(item);
      if (region === undefined) return undefined;
      regions.push(region);
    }
  }
  const [a, b] = regions;
  const all = () => regions.slice(1).reduce<readonly Interval[]>(common, a ?? []);
  const both = regions.length === 2 && a && b && items.every((item) => item.kind === 'relation') ? common(a, b) : [];
  const isBoth = both.length > 0 && a?.length === 1 && b?.length === 1;
  const areRelations = items.every((item) => item.kind !== 'group');
  const found = join === 'and' && areRelations ? all() : isBoth && join !== 'or' ? both : regions.flat();
  if (excluded.length === 0) return found;
  const rest = complement(excluded);
  return rest && (regions.length === 0 ? rest : common(found, rest));
}

/** undefined if the answer isn't a set of reals in a form known here. */
export function toRegion(answer: Answer): readonly Interval[] | undefined {
  switch (answer.kind) {
    case 'relation':
      return fromRelation(answer);
    case 'list':
      return fromList(answer);
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
      const [whole = [], ...others] = regions;
      if (answer.sign === 'union') return regions.flat();
      if (answer.sign === 'intersection') return others.reduce<readonly Interval[]>(common, whole);
      const rest = complement(others.flat());
      return rest && (whole[0] === EVERYTHING ? rest : common(whole, rest));
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
export function compareRegions(
  goldParts: readonly Interval[],
  answerParts: readonly Interval[],
  how: Comparison,
): Outcome {
  const [gold, answer] = [merged(goldParts), merged(answerParts)];
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
