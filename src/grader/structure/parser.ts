import type { Expression } from '../expression/expression.ts';
import { RELATIONS, type RelationSign } from '../expression/names.ts';
import { parseExpression } from '../expression/parser.ts';
import { type Token, tokenize } from '../expression/tokens.ts';
import { isForAll, isSeparatorWord, qualifierStart } from './connectives.ts';
import { parseScalar } from './scalar-parser.ts';
import type { Answer, Group, Matrix } from './structure.ts';
import { findAtTop, isBracketed, type Range, rangeText, splitAtTop } from './token-ranges.ts';

const MAX_ITEMS = 200;
const MAX_NESTING = 12;

function textOf(tokens: readonly Token[], range: Range): Answer {
  return { kind: 'text', text: rangeText(tokens, range) };
}

function isOperator(token: Token | undefined, ...texts: string[]): boolean {
  return token?.kind === 'operator' && texts.includes(token.text);
}

function isListSeparator(token: Token): boolean {
  return isOperator(token, ',', ';', '\\;') || isSeparatorWord(token);
}

function trim(tokens: readonly Token[], range: Range): Range {
  let { from, to } = range;
  const isNoise = (token: Token | undefined) =>
    token !== undefined &&
    (isOperator(token, ',', ';', '.', ':', '`', '"', '&', '\\', '\\\\') || isSeparatorWord(token));
  while (from < to && (isNoise(tokens[from]) || isOperator(tokens[from], '='))) from++;
  while (to > from && isNoise(tokens[to - 1])) to--;
  return { from, to };
}

function relationSign(token: Token): RelationSign | undefined {
  if (token.kind === 'operator') return RELATIONS.get(token.text);
  return token.kind === 'command' ? RELATIONS.get(`\\${token.text}`) : undefined;
}

const BRACKETS: Readonly<Record<string, Group['open'] | Group['close']>> = {
  '(': '(',
  ')': ')',
  '[': '[',
  ']': ']',
  '\\{': '{',
  '\\}': '}',
  '{': '{',
  '}': '}',
  langle: '<',
  rangle: '>',
  lbrace: '{',
  rbrace: '}',
};

/** Reads a whole answer. Anything that isn't mathematics comes back as `text`. */
export function parseAnswer(tokens: readonly Token[]): Answer {
  return parseRange(tokens, { from: 0, to: tokens.length }, 0);
}

function parseRange(tokens: readonly Token[], whole: Range, nesting: number): Answer {
  const range = trim(tokens, whole);
  if (range.from >= range.to || nesting > MAX_NESTING) return textOf(tokens, whole);
  const groups = splitAtTop(tokens, range, (token) => isOperator(token, ';', '\\;'));
  if (groups.length > 1) {
    const isNested = groups.some((group) => splitAtTop(tokens, group, isListSeparator).length > 1);
    const items = groups.slice(0, MAX_ITEMS).map((group): Answer => {
      const item = parseRange(tokens, group, nesting + 1);
      return isNested && item.kind === 'list' ? { kind: 'group', open: '(', close: ')', items: item.items } : item;
    });
    return listOf(items);
  }
  const split = splitAtTop(tokens, range, isListSeparator);
  if (split.length > MAX_ITEMS) return textOf(tokens, range);
  const pieces = withoutQualifiers(tokens, split);
  const [only] = pieces;
  if (pieces.length > 1) return parseList(tokens, range, pieces, nesting);
  return parseItem(tokens, trim(tokens, only ?? range), nesting);
}

/** Cuts conditions and explanations: `f(x)=x for all x, f(x)=0 for all x, where …`. */
function withoutQualifiers(tokens: readonly Token[], pieces: readonly Range[]): Range[] {
  const kept: Range[] = [];
  for (const piece of pieces) {
    const cut = findAtTop(
      tokens,
      piece,
      (token, at) => (at > piece.from || kept.length > 0) && qualifierStart(token, tokens[at - 1]),
    )[0];
    if (cut === undefined) kept.push(piece);
    else {
      if (cut > piece.from) kept.push({ from: piece.from, to: cut });
      if (!isForAll(tokens[cut])) break;
    }
  }
  return kept;
}

function listOf(items: Answer[]): Answer {
  const kept = items.filter((item) => !isDomainNote(item));
  const [only] = kept;
  if (kept.length === 1 && only) return only;
  return { kind: 'list', items: kept.length === 0 ? items : kept };
}

/** `k \in \mathbb{Z}` beside a family of solutions. */
function isDomainNote(item: Answer): boolean {
  return (
    item.kind === 'relation' &&
    item.signs[0] === 'in' &&
    item.sides[1]?.kind === 'named-set' &&
    item.sides[0]?.kind !== 'group'
  );
}

function parseList(tokens: readonly Token[], range: Range, pieces: Range[], nesting: number): Answer {
  const items = pieces.map((piece) => parseItem(tokens, trim(tokens, piece), nesting + 1));
  // Prose with commas is one text, not a list of texts, unless the pieces are short names.
  const texts = items.filter((item) => item.kind === 'text');
  if (texts.length > 0 && texts.some((item) => item.kind === 'text' && item.text.split(' ').length > 6))
    return textOf(tokens, range);
  return listOf(items);
}

function parseItem(tokens: readonly Token[], range: Range, nesting: number): Answer {
  const first = tokens[range.from];
  const last = tokens[range.to - 1];
  if (first === undefined || last === undefined || nesting > MAX_NESTING) return textOf(tokens, range);
  if (range.to - range.from === 1 && first.kind === 'text')
    return parseQuoted(first.text, nesting) ?? textOf(tokens, range);
  const signs = findAtTop(tokens, range, (token) => relationSign(token) !== undefined && relationSign(token) !== '|');
  if (signs.length > 0 && signs.length < 20) return parseRelation(tokens, range, signs, nesting);
  for (const [sign, names] of SET_OPERATIONS) {
    const parts = splitAtTop(tokens, range, (token) => token.kind === 'command' && names.includes(token.text));
    if (parts.length > 1)
      return { kind: 'union', sign, parts: parts.map((part) => parseItem(tokens, trim(tokens, part), nesting + 1)) };
  }
  const named = namedSet(tokens, range);
  if (named) return named;
  if (first.kind === 'begin') {
    const matrix = parseEnvironment(tokens, range, nesting);
    if (matrix) return matrix;
  }
  // A second union sign: `(1,2) U (3,4)`.
  const words = splitAtTop(
    tokens,
    range,
    (token, at) =>
      token.kind === 'word' && token.text === 'U' && isBracket(tokens[at - 1]) && isBracket(tokens[at + 1]),
  );
  if (words.length > 1)
    return { kind: 'union', sign: 'union', parts: words.map((part) => parseItem(tokens, part, nesting + 1)) };
  if (isOperator(first, ']') && isOperator(last, '[', ']')) {
    const inner = splitAtTop(tokens, { from: range.from + 1, to: range.to - 1 }, isListSeparator);
    if (inner.length === 2)
      return {
        kind: 'group',
        open: ']',
        close: isOperator(last, '[') ? '[' : ']',
        items: inner.map((part) => parseItem(tokens, trim(tokens, part), nesting + 1)),
      };
  }
  if (isBracketed(tokens, range)) {
    const group = parseGroup(tokens, range, nesting);
    if (group) return group;
  }
  const ratio = parseRatio(tokens, range);
  if (ratio) return ratio;
  return parseScalar(tokens, range) ?? parseLabelled(tokens, range, nesting) ?? textOf(tokens, range);
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
  if (!/\d/.test(text)) return undefined;
  const inner = tokenize(text, { areCommasGrouping: true });
  const answer = inner && parseRange(inner, { from: 0, to: inner.length }, nesting + 1);
  return answer?.kind === 'text' ? undefined : answer;
}

function parseRelation(tokens: readonly Token[], range: Range, at: readonly number[], nesting: number): Answer {
  const bounds = [range.from - 1, ...at, range.to];
  const signs: RelationSign[] = [];
  const sides: Answer[] = [];
  for (let k = 0; k + 1 < bounds.length; k++) {
    const from = (bounds[k] ?? 0) + 1;
    const to = bounds[k + 1] ?? range.to;
    const token = tokens[to];
    // `\not =` and `= <`: an empty side joins two signs.
    if (from < to)
      sides.push(
        (k === 0 ? parseApplication(tokens, { from, to }) : undefined) ?? parseItem(tokens, { from, to }, nesting + 1),
      );
    if (to < range.to && token && from < to) {
      const sign = relationSign(token) ?? '=';
      signs.push(sign);
    }
  }
  const [only] = sides;
  if (sides.length === 1 && only) return only;
  return signs.length === sides.length - 1 && sides.length > 1
    ? { kind: 'relation', sides, signs }
    : textOf(tokens, range);
}

/** `x(t)` and `P(x)` before an equals sign are functions, whatever the letter. */
function parseApplication(tokens: readonly Token[], range: Range): Answer | undefined {
  const [name, open] = [tokens[range.from], tokens[range.from + 1]];
  const inside = { from: range.from + 1, to: range.to };
  if (name?.kind !== 'word' || name.text.length > 1 || !isOperator(open, '(') || !isBracketed(tokens, inside))
    return undefined;
  const args: Expression[] = [];
  for (const part of splitAtTop(tokens, { from: range.from + 2, to: range.to - 1 }, (token) =>
    isOperator(token, ','),
  )) {
    const parsed = parseExpression(tokens, part.from, part.to);
    if ('failure' in parsed) return undefined;
    args.push(parsed.expression);
  }
  return { kind: 'scalar', expression: { kind: 'call', name: `function:${name.text}`, arguments: args } };
}

function namedSet(tokens: readonly Token[], range: Range): Answer | undefined {
  const first = tokens[range.from];
  const size = range.to - range.from;
  if (first?.kind !== 'command') return undefined;
  if (size === 1 && (first.text === 'emptyset' || first.text === 'varnothing'))
    return { kind: 'named-set', name: 'empty' };
  if (first.text !== 'mathbb' && first.text !== 'Bbb') return undefined;
  const name = rangeText(tokens, range)
    .replace(/^\\(?:mathbb|Bbb)\s*/, '')
    .replace(/[{}\s]/g, '');
  return size <= 9 ? { kind: 'named-set', name } : undefined;
}

function parseEnvironment(tokens: readonly Token[], range: Range, nesting: number): Answer | undefined {
  const [first, last] = [tokens[range.from], tokens[range.to - 1]];
  if (first?.kind !== 'begin' || last?.kind !== 'end' || !isBracketed(tokens, range)) return undefined;
  let inner: Range = { from: range.from + 1, to: range.to - 1 };
  if (first.text === 'array' && isOperator(tokens[inner.from], '{')) {
    let close = inner.from;
    while (close < inner.to && !isOperator(tokens[close], '}')) close++;
    inner = { from: close + 1, to: inner.to };
  }
  const rows = splitAtTop(
    tokens,
    inner,
    (token) => isOperator(token, '\\\\') || (token.kind === 'command' && token.text === 'cr'),
  );
  if (/^(?:align|aligned|gather|gathered|equation|split|eqnarray|cases|dcases|rcases)$/.test(first.text)) {
    // Columns of a display are alignment only.
    const flat = rows.map((row) => {
      const line = tokens.slice(row.from, row.to).filter((token) => !isOperator(token, '&'));
      return parseRange(line, { from: 0, to: line.length }, nesting + 1);
    });
    return first.text.endsWith('cases') ? { kind: 'group', open: '{', close: '}', items: flat } : listOf(flat);
  }
  const cells = rows.map((row) =>
    splitAtTop(tokens, row, (token) => isOperator(token, '&')).map((cell) =>
      parseItem(tokens, trim(tokens, cell), nesting + 1),
    ),
  );
  const matrix: Matrix = { kind: 'matrix', environment: first.text, rows: cells };
  return cells.length > 0 && cells.length * (cells[0]?.length ?? 0) <= MAX_ITEMS ? matrix : undefined;
}

function parseGroup(tokens: readonly Token[], range: Range, nesting: number): Answer | undefined {
  const open = BRACKETS[tokens[range.from]?.text ?? ''];
  const close = BRACKETS[tokens[range.to - 1]?.text ?? ''];
  if (
    open === undefined ||
    close === undefined ||
    open === ')' ||
    close === '(' ||
    open === '}' ||
    close === '{' ||
    open === '>' ||
    close === '<'
  )
    return undefined;
  const inner: Range = { from: range.from + 1, to: range.to - 1 };
  const isBraced = isOperator(tokens[range.from], '{');
  if (isBraced) return parseRange(tokens, inner, nesting + 1);
  if (open === '{') {
    const bar = findAtTop(
      tokens,
      inner,
      (token) =>
        isOperator(token, '|', ':') || (token.kind === 'command' && (token.text === 'mid' || token.text === 'vert')),
    )[0];
    if (bar !== undefined && bar > inner.from && bar < inner.to - 1)
      return {
        kind: 'set-builder',
        element: parseItem(tokens, { from: inner.from, to: bar }, nesting + 1),
        condition: parseRange(tokens, { from: bar + 1, to: inner.to }, nesting + 1),
      };
  }
  const pieces = splitAtTop(tokens, inner, isListSeparator);
  if (pieces.length === 1 && open === '(' && close === ')') {
    // Brackets around one thing mean nothing, except around text.
    const only = parseRange(tokens, inner, nesting + 1);
    return only.kind === 'scalar' ? undefined : only;
  }
  if (pieces.length > MAX_ITEMS) return undefined;
  if (pieces.length < 2 && open !== '{' && !(open === '[' && close === ']')) return undefined;
  return { kind: 'group', open, close, items: pieces.map((piece) => parseRange(tokens, piece, nesting + 1)) };
}

function parseRatio(tokens: readonly Token[], range: Range): Answer | undefined {
  const parts = splitAtTop(
    tokens,
    range,
    (token) =>
      isOperator(token, ':') ||
      (token.kind === 'command' && token.text === 'colon') ||
      (token.kind !== 'operator' && token.text === 'to'),
  );
  if (parts.length < 2 || parts.length > 8) return undefined;
  const time = readTime(tokens, range);
  if (time) return time;
  const expressions: Expression[] = [];
  for (const part of parts) {
    const parsed = parseExpression(tokens, part.from, part.to);
    if ('failure' in parsed) return undefined;
    expressions.push(parsed.expression);
  }
  return { kind: 'ratio', parts: expressions };
}

const CLOCK = /^(\d{1,2}):(\d{2})(?::00)?\s*(?:([ap])\.? ?m\.?)?$/i;

function readTime(tokens: readonly Token[], range: Range): Answer | undefined {
  const match = CLOCK.exec(rangeText(tokens, range).replace(/[{}\\]|text/g, ''));
  if (!match || (match[3] === undefined && (match[2] === undefined || Number(match[1]) > 24))) return undefined;
  const [hours, minutes] = [Number(match[1]), Number(match[2])];
  if (hours > 24 || minutes > 59) return undefined;
  const half = match[3]?.toLowerCase();
  return {
    kind: 'time',
    minutes: hours * 60 + minutes,
    ...(half !== undefined && { half: half === 'a' ? ('am' as const) : ('pm' as const) }),
  };
}

/** `Minimum: 1`, `Area is 5`: words, then a colon or `is`, then something mathematical. */
function parseLabelled(tokens: readonly Token[], range: Range, nesting: number): Answer | undefined {
  for (let at = range.from + 1; at < Math.min(range.to - 1, range.from + 8); at++) {
    const token = tokens[at];
    const isLabelEnd =
      isOperator(token, ':') || (token?.kind === 'word' && (token.text === 'is' || token.text === 'equals'));
    if (token?.kind !== 'word' && token?.kind !== 'text' && !isLabelEnd) return undefined;
    if (!isLabelEnd) continue;
    const value = parseItem(tokens, { from: at + 1, to: range.to }, nesting + 1);
    if (value.kind === 'text') return undefined;
    return { kind: 'relation', sides: [textOf(tokens, { from: range.from, to: at }), value], signs: ['='] };
  }
  return undefined;
}
