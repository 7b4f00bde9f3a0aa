import type { RelationSign } from '../expression/names.ts';
import type { Token } from '../expression/tokens.ts';
import { parameterFamily } from './families.ts';
import type { Reading } from './reading.ts';
import type { Answer, Group } from './structure.ts';
import { isOperator, textOf } from './token-kinds.ts';
import { findAtTop, isBracketed, type Range, splitAtTop } from './token-ranges.ts';

/** Structures as Python, NumPy and SymPy print them: `Matrix([[1, 2], [3, 4]])`, `Interval.open(0, 1)`, `{x: 2, y: 3}`. */

const RELATION_CALLS: Readonly<Record<string, RelationSign>> = {
  Eq: '=',
  Equality: '=',
  Ne: '!=',
  Unequality: '!=',
  Lt: '<',
  StrictLessThan: '<',
  Le: '<=',
  LessThan: '<=',
  Gt: '>',
  StrictGreaterThan: '>',
  Ge: '>=',
  GreaterThan: '>=',
};

const SETS: Readonly<Record<string, string>> = {
  Reals: 'R',
  Integers: 'Z',
  Naturals: 'N',
  Naturals0: 'N',
  Rationals: 'Q',
  Complexes: 'C',
  EmptySet: 'empty',
  UniversalSet: 'R',
};

function isInfinity(answer: Answer | undefined): boolean {
  if (answer?.kind !== 'scalar') return false;
  const of = answer.expression.kind === 'negate' ? answer.expression.of : answer.expression;
  return of.kind === 'constant' && of.name === 'infinity';
}

function interval(kind: string, args: readonly Answer[], flags: readonly boolean[]): Group | undefined {
  const [low, high] = args;
  if (low === undefined || high === undefined) return undefined;
  const isOpenLow = kind === 'open' || kind === 'Lopen' || flags[0] === true || isInfinity(low);
  const isOpenHigh = kind === 'open' || kind === 'Ropen' || flags[1] === true || isInfinity(high);
  return { kind: 'group', open: isOpenLow ? '(' : '[', close: isOpenHigh ? ')' : ']', items: [low, high] };
}

/** Members of `[…]`, `(…)` or `{…}`; undefined for anything else. */
function membersOf(answer: Answer | undefined): readonly Answer[] | undefined {
  if (answer?.kind === 'group' || answer?.kind === 'list') return answer.items;
  return undefined;
}

/** `[[1, 2], [3, 4]]` or `[1, 2]`, as a matrix or a vector. */
function matrix(of: Answer | undefined): Answer | undefined {
  if (of?.kind === 'scalar') return of;
  const items = membersOf(of);
  if (items === undefined || items.length === 0) return undefined;
  const rows = items.map(membersOf);
  const isNested = rows.every((row) => row !== undefined);
  if (!isNested) return { kind: 'matrix', environment: 'pmatrix', rows: items.map((item) => [item]) };
  return { kind: 'matrix', environment: 'pmatrix', rows: rows.map((row) => row ?? []) };
}

function setOf(items: readonly Answer[]): Answer {
  return items.length === 0 ? { kind: 'named-set', name: 'empty' } : { kind: 'group', open: '{', close: '}', items };
}

/** `[x]` keeps its brackets here, though they mean nothing elsewhere. */
function readArgument(tokens: readonly Token[], range: Range, nesting: number, read: Reading): Answer {
  const first = tokens[range.from];
  if (!isOperator(first, '[', '(', '{') || !isBracketed(tokens, range)) return read.item(tokens, range, nesting);
  const inner = { from: range.from + 1, to: range.to - 1 };
  if (isOperator(first, '{')) return braces(tokens, inner, nesting, read);
  const pieces = splitAtTop(tokens, inner, (token) => isOperator(token, ','));
  if (isOperator(first, '(') && pieces.length < 2) return read.item(tokens, range, nesting);
  return {
    kind: 'group',
    open: isOperator(first, '[') ? '[' : '(',
    close: isOperator(first, '[') ? ']' : ')',
    items: pieces.map((piece) => readArgument(tokens, piece, nesting + 1, read)),
  };
}

function braces(tokens: readonly Token[], inner: Range, nesting: number, read: Reading): Answer {
  const pieces = splitAtTop(tokens, inner, (token) => isOperator(token, ','));
  return (
    dictionary(tokens, inner, nesting, read) ?? setOf(pieces.map((piece) => read.item(tokens, piece, nesting + 1)))
  );
}

/** The inside of `{x: 2, y: 3}` as named values; undefined for what has no names. */
export function dictionary(tokens: readonly Token[], inner: Range, nesting: number, read: Reading): Answer | undefined {
  const pieces = splitAtTop(tokens, inner, (token) => isOperator(token, ','));
  const entries: Answer[] = [];
  for (const piece of pieces) {
    const colons = findAtTop(tokens, piece, (token) => isOperator(token, ':'));
    const [colon] = colons;
    const name = tokens[piece.from];
    const isQuoted = isOperator(name, "'", '"');
    const from = isQuoted ? piece.from + 1 : piece.from;
    if (colon === undefined || colons.length > 1 || tokens[from]?.kind !== 'word') return undefined;
    const label = read.item(tokens, { from, to: isQuoted ? colon - 1 : colon }, nesting + 1);
    const value = read.item(tokens, { from: colon + 1, to: piece.to }, nesting + 1);
    if (label.kind !== 'scalar' || label.expression.kind === 'number' || value.kind === 'text') return undefined;
    entries.push({ kind: 'relation', sides: [label, value], signs: ['='] });
  }
  const [only] = entries;
  if (only === undefined) return undefined;
  return entries.length === 1 ? only : { kind: 'list', items: entries };
}

/** `Lambda(_n, 2*_n*pi)` as its body with `k` for the parameter. */
function imageSet(args: readonly Answer[], lambda: readonly Answer[] | undefined): Answer | undefined {
  const [variable, body] = lambda ?? [];
  const [, domain] = args;
  if (variable?.kind !== 'scalar' || variable.expression.kind !== 'symbol' || body?.kind !== 'scalar') return undefined;
  if (domain?.kind !== 'named-set') return undefined;
  const family = parameterFamily(body, { kind: 'relation', sides: [variable, domain], signs: ['in'] });
  return family && setOf([family]);
}

/** A call of a class or function of Python; undefined for anything else. */
export function parsePythonForm(
  tokens: readonly Token[],
  range: Range,
  nesting: number,
  read: Reading,
): Answer | undefined {
  const name = tokens[range.from];
  if (name?.kind !== 'word' || name.text.length < 2) return undefined;
  const set = SETS[name.text];
  if (set !== undefined && range.to - range.from === 1) return { kind: 'named-set', name: set };
  const isDotted = isOperator(tokens[range.from + 1], '.') && tokens[range.from + 2]?.kind === 'word';
  const method = isDotted ? (tokens[range.from + 2]?.text ?? '') : '';
  const at = range.from + (isDotted ? 3 : 1);
  if (!isOperator(tokens[at], '(') || !isBracketed(tokens, { from: at, to: range.to })) return undefined;
  const pieces = splitAtTop(tokens, { from: at + 1, to: range.to - 1 }, (token) => isOperator(token, ',')).filter(
    // `dtype=float64`, `evaluate=False`.
    (piece) => !(tokens[piece.from]?.kind === 'word' && isOperator(tokens[piece.from + 1], '=')),
  );
  const read1 = (piece: Range) => readArgument(tokens, piece, nesting + 1, read);
  const args = (): Answer[] => pieces.map(read1);
  switch (name.text) {
    case 'Interval': {
      const flags = pieces.slice(2).map((piece) => /^(?:true|True)$/.test(tokens[piece.from]?.text ?? ''));
      return interval(method, pieces.slice(0, 2).map(read1), flags);
    }
    case 'Union':
      return { kind: 'union', sign: 'union', parts: args() };
    case 'Intersection':
      return { kind: 'union', sign: 'intersection', parts: args() };
    case 'Complement':
      return { kind: 'union', sign: 'difference', parts: args() };
    case 'FiniteSet':
      return setOf(args());
    case 'set':
    case 'frozenset':
      return setOf(pieces.length === 0 ? [] : (membersOf(args()[0]) ?? []));
    case 'list':
    case 'tuple':
    case 'sorted':
      return pieces.length === 1 ? args()[0] : undefined;
    case 'Tuple':
    case 'Point':
    case 'Point2D':
    case 'Point3D':
      return pieces.length > 1 ? { kind: 'group', open: '(', close: ')', items: args() } : args()[0];
    case 'Matrix':
    case 'ImmutableMatrix':
    case 'MutableDenseMatrix':
    case 'ImmutableDenseMatrix':
    case 'array':
    case 'matrix':
      return matrix(args()[0]);
    // `And(…)` and `Or(…)` of SymPy: their own names are words between values.
    case 'AllOf':
    case 'AnyOf':
      return { kind: 'list', items: args(), join: name.text === 'AllOf' ? 'and' : 'or' };
    case 'ImageSet': {
      const [first] = pieces;
      if (first === undefined || tokens[first.from]?.text !== 'Lambda') return undefined;
      const inner = { from: first.from + 2, to: first.to - 1 };
      const lambda = splitAtTop(tokens, inner, (token) => isOperator(token, ',')).map(read1);
      return imageSet([textOf(tokens, first), ...pieces.slice(1).map(read1)], lambda);
    }
    case 'Piecewise':
      return { kind: 'group', open: '{', close: '}', items: args().map(otherwise) };
    default: {
      const sign = RELATION_CALLS[name.text];
      return sign === undefined || pieces.length !== 2 ? undefined : { kind: 'relation', sides: args(), signs: [sign] };
    }
  }
}

/** `(-x, True)` of a `Piecewise` holds everywhere else. */
function otherwise(piece: Answer): Answer {
  if (piece.kind !== 'group' || piece.items.length !== 2) return piece;
  const [value, condition] = piece.items;
  return value && condition?.kind === 'text' && /^true$/i.test(condition.text)
    ? { ...piece, items: [value, { kind: 'text', text: 'otherwise' }] }
    : piece;
}

/** `(x < -1) | (1 < x)`, `(0 < x) & (x < 1)`: relations in brackets joined by Python's operators; undefined for anything else. */
export function parseLogic(tokens: readonly Token[], range: Range, nesting: number, read: Reading): Answer | undefined {
  if (!isOperator(tokens[range.from], '(') || !isOperator(tokens[range.to - 1], ')')) return undefined;
  for (const [sign, join] of [
    ['|', 'or'],
    ['&', 'and'],
  ] as const) {
    const parts = splitAtTop(tokens, range, (token) => isOperator(token, sign));
    if (parts.length < 2 || !parts.every((part) => isBracketed(tokens, part))) continue;
    const items = parts.map((part) => read.item(tokens, { from: part.from + 1, to: part.to - 1 }, nesting + 1));
    const isLogical = items.every(
      (item) => item.kind === 'relation' || (item.kind === 'list' && item.join !== undefined),
    );
    if (isLogical) return { kind: 'list', items, join };
  }
  return undefined;
}
