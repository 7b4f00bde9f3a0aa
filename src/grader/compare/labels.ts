import { type Expression, some } from '../expression/expression.ts';
import type { Answer, Relation } from '../structure/structure.ts';
import { facts } from './facts.ts';

/** Names before values: `x = 5`, `f(n) = n`, `(a, b) = (1, 2)`, `Minimum: 1`. */

/** `\frac{dy}{dx}`. */
export function derivative(of: Expression): boolean {
  const isDifferential = (part: Expression) =>
    part.kind === 'multiply' &&
    part.factors.length === 2 &&
    part.factors[0]?.kind === 'symbol' &&
    part.factors[0].name === 'd';
  return of.kind === 'divide' && isDifferential(of.numerator) && isDifferential(of.denominator);
}

function isName(of: Expression): boolean {
  if (of.kind === 'symbol' || of.kind === 'constant') return of.kind === 'symbol' || of.name === 'e' || of.name === 'i';
  if (derivative(of) || of.kind === 'opaque') return true;
  // A quotient of segments, `\frac{NO}{BO}`.
  if (of.kind === 'divide')
    return [of.numerator, of.denominator].every((side) => side.kind === 'multiply' && isName(side));
  // Calls, and segments such as `AB`.
  if (of.kind === 'call') return of.name !== 'percent' && of.name !== 'degree' && of.name !== 'in-base';
  return (
    of.kind === 'multiply' && of.factors.every((f) => f.kind === 'symbol' && /^[A-Z∠]|^angle|^triangle/.test(f.name))
  );
}

/** A quantity without numbers in it, as an answer may repeat it from the question: `x + y`, `\frac{a}{b}`. */
function isQuantity(of: Expression): boolean {
  if (isName(of)) return true;
  if (of.kind === 'multiply') return of.factors.every(isQuantity);
  if (of.kind === 'add') return of.terms.every(isQuantity);
  if (of.kind === 'divide') return isQuantity(of.numerator) && isQuantity(of.denominator);
  if (of.kind === 'power') return isQuantity(of.base);
  return of.kind === 'negate' && isQuantity(of.of);
}

function isLabel(side: Answer, isGold: boolean): boolean {
  switch (side.kind) {
    case 'scalar':
      return isGold ? isName(side.expression) : isQuantity(side.expression);
    case 'text':
      return true;
    case 'group':
    case 'list':
      return side.items.every((item) => isLabel(item, false));
    case 'ratio':
      return side.parts.every(isName);
    default:
      return false;
  }
}

/** Without symbols, as in `6 \cdot 7`. */
function isConstant(side: Answer): boolean {
  return (
    side.kind === 'scalar' &&
    facts(side.expression).symbols.size === 0 &&
    !some(side.expression, (part) => part.kind === 'call' && part.name.startsWith('function:'))
  );
}

export interface Labelled {
  readonly label: Answer;
  readonly value: Answer;
  /** Further sides of a chain `x = value₁ = value₂`; each must agree with the value. */
  readonly others: readonly Answer[];
}

/** A chain of equalities that gives a value to a name; `≈` ends it. */
export function labelled(answer: Relation, isGold: boolean): Labelled | undefined {
  const [label] = answer.sides;
  if (label === undefined) return undefined;
  const isMembership = answer.signs.length === 1 && answer.signs[0] === 'in';
  if (isMembership)
    return answer.sides[1] && isLabel(label, isGold) ? { label, value: answer.sides[1], others: [] } : undefined;
  if (!answer.signs.every((sign) => sign === '=' || sign === '~')) return undefined;
  const approximate = answer.signs.indexOf('~');
  // `\Delta p \approx …` gives a value to a name, `31031/7776 \approx 3.99` is its exact side.
  const isExactFirst = approximate > 0 || (approximate === 0 && !isLabel(label, isGold));
  const exactSides = isExactFirst ? answer.sides.slice(0, approximate + 1) : answer.sides;
  if (exactSides.length === 1) return { label, value: label, others: [] };
  // `6 \cdot 7 = 42`: a computation, and its result.
  if (exactSides.every(isConstant)) {
    const result = exactSides.at(-1);
    return result && { label, value: result, others: exactSides.slice(0, -1) };
  }
  const firstValue = exactSides.findIndex((side) => !isLabel(side, isGold));
  const valueAt = firstValue < 0 ? exactSides.length - 1 : firstValue;
  const value = exactSides.at(-1);
  if (valueAt === 0 || value === undefined) return undefined;
  return { label, value: inLabelOrder(label, value), others: exactSides.slice(valueAt, -1) };
}

/** The value under a label; anything else as it is. */
export function withoutLabel(answer: Answer, isGold: boolean): Answer {
  if (answer.kind !== 'relation') return answer;
  return labelled(answer, isGold)?.value ?? answer;
}

/** `x_2` as letter and index. */
interface Name {
  readonly letter: string;
  readonly index: number | undefined;
}

function nameOf(item: Answer): Name | undefined {
  const label = item.kind === 'relation' ? item.sides[0] : undefined;
  const name = label?.kind === 'scalar' && label.expression.kind === 'symbol' ? label.expression.name : undefined;
  const [, letter, index] = /^([a-zA-Z])(?:_(\d{1,2}))?$/.exec(name ?? '') ?? [];
  return letter === undefined ? undefined : { letter, index: index === undefined ? undefined : Number(index) };
}

/** Whether all items give values to one letter with different indices: `x_1 = 2, x_2 = 3`. */
export function areIndexed(items: readonly Answer[]): boolean {
  const names = items.map(nameOf);
  const indices = new Set(names.map((name) => name?.index));
  return (
    items.length > 1 &&
    indices.size === items.length &&
    !indices.has(undefined) &&
    names.every((name) => name?.letter === names[0]?.letter)
  );
}

/**
 * `y = 3, x = 2` in the order that the names have: neighbours in the alphabet (x and y, a to c) or indices. Other names keep the order
 * in which they are written.
 */
export function inNameOrder(items: readonly Answer[]): readonly Answer[] {
  const named = items.map((item) => ({ item, name: nameOf(item) }));
  const codes = named.map(({ name }) => name?.letter.charCodeAt(0) ?? Number.NaN);
  const areNeighbours =
    new Set(codes).size === items.length && Math.max(...codes) - Math.min(...codes) === items.length - 1;
  if (areNeighbours)
    return named.sort((a, b) => ((a.name?.letter ?? '') < (b.name?.letter ?? '') ? -1 : 1)).map(({ item }) => item);
  if (areIndexed(items))
    return named.sort((a, b) => (a.name?.index ?? 0) - (b.name?.index ?? 0)).map(({ item }) => item);
  return items;
}

/** `(y, x) = (1, 5)` is `(5, 1)`: a tuple in the order that the names of its label have. */
function inLabelOrder(label: Answer, value: Answer): Answer {
  if (label.kind !== 'group' || value.kind !== 'group' || label.items.length !== value.items.length) return value;
  const pairs = label.items.map(
    (name, k): Relation => ({ kind: 'relation', sides: [name, value.items[k] ?? name], signs: ['='] }),
  );
  if (!pairs.every((pair) => nameOf(pair) !== undefined)) return value;
  return {
    ...value,
    items: inNameOrder(pairs).map((pair) => (pair.kind === 'relation' ? pair.sides[1] : undefined) ?? pair),
  };
}
