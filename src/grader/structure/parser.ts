import { type Token, tokenize } from '../expression/tokens.ts';
import { namedSet, parseEnvironment, parseGroup } from './brackets.ts';
import { combineUnits } from './compound.ts';
import { withoutQualifiers } from './conditions.ts';
import { joinOf } from './connectives.ts';
import { parseMatrixArithmetic, parseScaledTuple } from './matrix-arithmetic.ts';
import { parseLogic, parsePythonForm } from './python-forms.ts';
import type { Reading } from './reading.ts';
import { parseRelation, parseResidue, withoutQuantifier } from './relation-parser.ts';
import { parseScalar } from './scalar-parser.ts';
import { parseSimpleScalar } from './simple-scalar.ts';
import { parseLabelled, parseNamedQuantity, parseRatio } from './special-forms.ts';
import type { Answer } from './structure.ts';
import { HAS, survey } from './survey.ts';
import { isListSeparator, isOperator, isRelationSign, listOf, MAX_ITEMS, textOf, trim } from './token-kinds.ts';
import { findAtTop, isBracketed, type Range, splitAtTop } from './token-ranges.ts';

const MAX_NESTING = 12;

/** Reads a whole answer. Anything that isn't mathematics comes back as `text`. */
export function parseAnswer(tokens: readonly Token[]): Answer {
  return parseRange(tokens, { from: 0, to: tokens.length }, 0);
}

function parseRange(tokens: readonly Token[], whole: Range, nesting: number): Answer {
  const range = trim(tokens, whole);
  if (range.from >= range.to || nesting > MAX_NESTING) return textOf(tokens, whole);
  const simple = parseSimpleScalar(tokens, range);
  if (simple) return simple;
  const hasSeparator = (survey(tokens, range) & HAS.separator) !== 0;
  const groups = hasSeparator ? splitAtTop(tokens, range, isSemicolon) : [];
  if (groups.length > 1) {
    const isNested = groups.some((group) => splitAtTop(tokens, group, isListSeparator).length > 1);
    const items = groups.slice(0, MAX_ITEMS).map((group): Answer => {
      const item = parseRange(tokens, group, nesting + 1);
      return isNested && item.kind === 'list' ? { kind: 'group', open: '(', close: ')', items: item.items } : item;
    });
    return listOf(items);
  }
  const split = hasSeparator ? splitAtTop(tokens, range, isListSeparator) : [range];
  if (/^(?:yes|no|true|false)$/i.test(tokens[range.from]?.text ?? '') && split.length > 1) return textOf(tokens, range);
  if (split.length > MAX_ITEMS) return textOf(tokens, range);
  const joins = hasSeparator ? findAtTop(tokens, range, isJoin).map((at) => joinOf(tokens[at])) : [];
  const alternatives =
    joins.includes('and') && joins.includes('or') ? parseAlternatives(tokens, range, nesting) : undefined;
  if (alternatives) return alternatives;
  const pieces = withoutQualifiers(tokens, split);
  const [only] = pieces;
  if (pieces.length > 1)
    return parseList(
      tokens,
      range,
      pieces,
      nesting,
      joins.length > 0 && joins.every((join) => join === joins[0]) ? joins[0] : undefined,
    );
  const item = parseItem(tokens, trim(tokens, only ?? range), nesting);
  // Words are a whole: only mathematics sheds its conditions.
  return item.kind === 'text' ? textOf(tokens, range) : item;
}

const isSemicolon = (token: Token): boolean => isOperator(token, ';', '\\;');
const isJoin = (token: Token): boolean => joinOf(token) !== undefined;

/** `0 < x and x < 1 or x > 2`: `and` binds closer than `or`; undefined where not all parts are relations. */
function parseAlternatives(tokens: readonly Token[], range: Range, nesting: number): Answer | undefined {
  const parts = splitAtTop(tokens, range, (token) => joinOf(token) === 'or');
  const items = parts.map((part) => parseRange(tokens, part, nesting + 1));
  const areRelations = items.every(
    (item) =>
      item.kind === 'relation' || (item.kind === 'list' && item.items.every((part) => part.kind === 'relation')),
  );
  return areRelations ? { kind: 'list', items, join: 'or' } : undefined;
}

/** `x: 2, y: 3` gives values to names; `1:2, 3:4` are ratios. */
function withNames(items: Answer[]): Answer[] {
  const isNamed = (item: Answer) =>
    item.kind === 'ratio' &&
    item.parts.length === 2 &&
    item.parts[0]?.kind === 'symbol' &&
    item.parts[1]?.kind !== 'symbol';
  if (items.length < 2 || !items.every(isNamed)) return items;
  return items.map((item): Answer => {
    const sides = item.kind === 'ratio' ? item.parts.map((expression): Answer => ({ kind: 'scalar', expression })) : [];
    return { kind: 'relation', sides, signs: ['='] };
  });
}

function parseList(
  tokens: readonly Token[],
  range: Range,
  pieces: Range[],
  nesting: number,
  join: 'and' | 'or' | undefined,
): Answer {
  const items = withNames(pieces.map((piece) => parseItem(tokens, trim(tokens, piece), nesting + 1)));
  // Prose with commas is one text, not a list of texts, unless the pieces are short names.
  const measure = combineUnits(items);
  if (measure) return measure;
  const texts = items.filter((item) => item.kind === 'text');
  if (texts.length > 0 && texts.some((item) => item.kind === 'text' && item.text.split(' ').length > 6))
    return textOf(tokens, range);
  return listOf(items, join);
}

function parseItem(tokens: readonly Token[], range: Range, nesting: number): Answer {
  const first = tokens[range.from];
  const last = tokens[range.to - 1];
  if (first === undefined || last === undefined || nesting > MAX_NESTING) return textOf(tokens, range);
  if (range.to - range.from === 1 && first.kind === 'text')
    return parseQuoted(first.text, nesting) ?? textOf(tokens, range);
  const simple = parseSimpleScalar(tokens, range);
  if (simple) return simple;
  const start = withoutQuantifier(tokens, range);
  if (start > range.from) return parseItem(tokens, { from: start, to: range.to }, nesting + 1);
  const has = survey(tokens, range);
  const signs = has & HAS.relation ? findAtTop(tokens, range, isRelationSign) : [];
  if (signs.length > 0 && signs.length < 20) return parseRelation(tokens, range, signs, nesting, READING);
  const residue = has & HAS.modulus ? parseResidue(tokens, range, nesting, READING) : undefined;
  if (residue) return residue;
  const python =
    parsePythonForm(tokens, range, nesting, READING) ??
    (has & HAS.logic ? parseLogic(tokens, range, nesting, READING) : undefined);
  if (python) return python;
  for (const [sign, names] of has & HAS.setOperation ? SET_OPERATIONS : []) {
    const parts = splitAtTop(tokens, range, (token) => token.kind === 'command' && names.includes(token.text));
    if (parts.length > 1)
      return { kind: 'union', sign, parts: parts.map((part) => parseItem(tokens, trim(tokens, part), nesting + 1)) };
  }
  // `\mathbb{R} - \{0\}`.
  const minus =
    first.kind === 'command' && first.text === 'mathbb'
      ? findAtTop(tokens, range, (token) => isOperator(token, '-'))[0]
      : undefined;
  if (minus !== undefined && isOperator(tokens[minus + 1], '\\{', '[', '('))
    return {
      kind: 'union',
      sign: 'difference',
      parts: [
        parseItem(tokens, { from: range.from, to: minus }, nesting + 1),
        parseItem(tokens, { from: minus + 1, to: range.to }, nesting + 1),
      ],
    };
  const named = namedSet(tokens, range);
  if (named) return named;
  if (first.kind === 'begin') {
    const matrix = parseEnvironment(tokens, range, nesting, READING);
    if (matrix) return matrix;
  }
  // A second union sign: `(1,2) U (3,4)`.
  const words =
    has & HAS.unionLetter
      ? splitAtTop(
          tokens,
          range,
          (token, at) =>
            token.kind === 'word' && token.text === 'U' && isBracket(tokens[at - 1]) && isBracket(tokens[at + 1]),
        )
      : [];
  if (words.length > 1)
    return { kind: 'union', sign: 'union', parts: words.map((part) => parseItem(tokens, part, nesting + 1)) };
  if ((isOperator(first, ']') && isOperator(last, '[', ']')) || (isOperator(first, '[') && isOperator(last, '['))) {
    const inner = splitAtTop(tokens, { from: range.from + 1, to: range.to - 1 }, isListSeparator);
    if (inner.length === 2)
      return {
        kind: 'group',
        open: isOperator(first, ']') ? ']' : '[',
        close: isOperator(last, '[') ? '[' : ']',
        items: inner.map((part) => parseItem(tokens, trim(tokens, part), nesting + 1)),
      };
  }
  if (isBracketed(tokens, range)) {
    const group = parseGroup(tokens, range, nesting, READING);
    if (group) return group;
  }
  const computed =
    (has & HAS.environment ? parseMatrixArithmetic(tokens, range, nesting, READING) : undefined) ??
    (has & (HAS.environment | HAS.separator) ? parseScaledTuple(tokens, range, nesting, READING) : undefined);
  if (computed) return computed;
  const ratio = has & HAS.ratio ? parseRatio(tokens, range) : undefined;
  if (ratio) return ratio;
  const point = parsePoint(tokens, range, nesting);
  if (point) return point;
  const quantity = parseNamedQuantity(tokens, range, nesting, READING);
  if (quantity) return quantity;
  return (
    parseScalar(tokens, range) ??
    parseMeasure(tokens, range) ??
    parseLabelled(tokens, range, nesting, READING) ??
    textOf(tokens, range)
  );
}

/** `P(3, 4)`: a named point. */
function parsePoint(tokens: readonly Token[], range: Range, nesting: number): Answer | undefined {
  const name = tokens[range.from];
  const rest = { from: range.from + 1, to: range.to };
  if (name?.kind !== 'word' || !/^[A-Z]$/.test(name.text) || !isOperator(tokens[rest.from], '(')) return undefined;
  const group = isBracketed(tokens, rest) ? parseGroup(tokens, rest, nesting, READING) : undefined;
  return group?.kind === 'group' && group.items.length > 1
    ? {
        kind: 'relation',
        sides: [{ kind: 'scalar', expression: { kind: 'symbol', name: name.text } }, group],
        signs: ['='],
      }
    : undefined;
}

/** `2 hours 30 minutes`: each number begins a part. */
function parseMeasure(tokens: readonly Token[], range: Range): Answer | undefined {
  const starts: number[] = [];
  for (let at = range.from; at < range.to; at++) if (tokens[at]?.kind === 'number') starts.push(at);
  if (starts[0] !== range.from || starts.length < 2 || starts.length > 4) return undefined;
  return combineUnits(starts.map((from, k) => parseScalar(tokens, { from, to: starts[k + 1] ?? range.to })));
}

const SET_OPERATIONS = [
  ['union', ['cup', 'cupdot', 'bigcup', 'sqcup', 'uplus', 'lor']],
  ['difference', ['setminus', 'backslash', 'smallsetminus']],
  ['intersection', ['cap']],
] as const satisfies readonly (readonly [string, readonly string[]])[] as readonly (readonly [
  'union' | 'difference' | 'intersection',
  readonly string[],
])[];

function isBracket(token: Token | undefined): boolean {
  return isOperator(token, '(', '[', ')', ']', '\\{', '\\}');
}

/** `\\text{13}`, `\\text{1:03 PM}`: mathematics that was set as text. */
function parseQuoted(text: string, nesting: number): Answer | undefined {
  const isEnumeration = text.length <= 80 && /,| and | or |、/.test(text);
  if (!/\d/.test(text) && !isEnumeration) return undefined;
  const inner = tokenize(text, { areCommasGrouping: true });
  const answer = inner && parseRange(inner, { from: 0, to: inner.length }, nesting + 1);
  return answer?.kind === 'text' ? undefined : answer;
}

const READING: Reading = { item: parseItem, range: parseRange };
