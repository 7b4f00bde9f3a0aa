import { type Expression, some, transform } from '../expression/expression.ts';
import type { Answer, Relation } from '../structure/structure.ts';
import { facts } from './facts.ts';
import { integer } from './measures.ts';

/** The same answer in another structure, where the other side has that one. */

/** A chain of names with one value, `x = y = z = 2`, as that many equations; undefined for anything else. */
export function eachOfChain(answer: Answer): readonly Answer[] | undefined {
  if (answer.kind !== 'relation' || answer.signs.length < 2 || answer.signs.some((sign) => sign !== '='))
    return undefined;
  const value = answer.sides.at(-1);
  const names = answer.sides.slice(0, -1);
  const areNames = names.every((side) => side.kind === 'scalar' && side.expression.kind === 'symbol');
  if (value === undefined || !areNames) return undefined;
  return names.map((name): Relation => ({ kind: 'relation', sides: [name, value], signs: ['='] }));
}

/** `[[1, 2], [3, 4]]` as rows of a matrix; undefined for anything else. */
export function asRows(answer: Answer): Answer | undefined {
  if (answer.kind !== 'group' || answer.open === '{' || answer.items.length < 2) return undefined;
  const rows = answer.items.map((item) => (item.kind === 'group' && item.open === answer.open ? item.items : []));
  const width = rows[0]?.length ?? 0;
  return width > 0 && rows.every((row) => row.length === width)
    ? { kind: 'matrix', environment: 'pmatrix', rows }
    : undefined;
}

const UNIT_VECTORS = ['i', 'j', 'k'] as const;

function isUnitVector(part: Expression, name: string): boolean {
  return (
    (part.kind === 'symbol' && (part.name === name || part.name === `hat:${name}` || part.name === `vec:${name}`)) ||
    (name === 'i' && part.kind === 'constant' && part.name === 'i')
  );
}

/** `i - 2j + 3k` as a tuple of `size`; undefined for what has no `j` or another symbol. */
export function asVector(answer: Answer, size: number): readonly Answer[] | undefined {
  if (answer.kind !== 'scalar' || size < 2 || size > 3) return undefined;
  const { symbols } = facts(answer.expression);
  if (
    ![...symbols].some((name) => /^(?:hat:|vec:)?j$/.test(name)) ||
    ![...symbols].every((name) => /^(?:hat:|vec:)?[ijk]$/.test(name))
  )
    return undefined;
  const at = (chosen: string): Expression =>
    transform(answer.expression, (part) => {
      const name = UNIT_VECTORS.find((unit) => isUnitVector(part, unit));
      return name === undefined ? part : integer(name === chosen ? 1n : 0n);
    });
  return UNIT_VECTORS.slice(0, size).map((name) => ({ kind: 'scalar', expression: at(name) }));
}

/** Without the conditions `x ≠ 1`, `n ≥ 1` that follow a value; the answer itself if it has none. */
export function withoutConditions(answer: Answer): Answer {
  if (answer.kind !== 'list') return answer;
  const [first, ...rest] = answer.items;
  const isCondition = (item: Answer) =>
    item.kind === 'relation' &&
    item.sides.some((side) => side.kind === 'scalar' && side.expression.kind === 'symbol') &&
    item.signs.every(
      (sign) => sign === '<' || sign === '>' || sign === '<=' || sign === '>=' || sign === '!=' || sign === 'in',
    );
  const kept = rest.filter((item) => !isCondition(item));
  const isValue = first !== undefined && !isCondition(first) && first.kind !== 'text' && first.kind !== 'list';
  if (!isValue || kept.length === rest.length) return answer;
  return kept.length === 0 ? first : { kind: 'list', items: [first, ...kept] };
}

/** `[1, 2]` of a program as a list where the other side has several values; undefined for anything else. */
export function asPlainList(answer: Answer, other: Answer): Answer | undefined {
  if (answer.kind !== 'group' || answer.open !== '[' || answer.close !== ']') return undefined;
  const isSeveral =
    other.kind === 'list' ||
    (other.kind === 'group' && other.open === '{') ||
    (other.kind === 'scalar' && some(other.expression, (part) => part.kind === 'plus-minus')) ||
    (other.kind === 'relation' && eachOfChain(other) === undefined && hasPlusMinusSide(other));
  if (!isSeveral) return undefined;
  const holdsGroups = answer.items.every((item) => item.kind === 'group' || item.kind === 'list');
  if (!answer.isPythonList && !holdsGroups) return undefined;
  // `[[1, 2], [3, 4]]` as a list of pairs.
  const items = answer.items.map(
    (item): Answer => (item.kind === 'group' && item.open === '[' ? { ...item, open: '(', close: ')' } : item),
  );
  return { kind: 'list', items };
}

function hasPlusMinusSide({ sides }: Relation): boolean {
  return sides.some((side) => side.kind === 'scalar' && some(side.expression, (part) => part.kind === 'plus-minus'));
}
