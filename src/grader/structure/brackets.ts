import type { Token } from '../expression/tokens.ts';
import { parameterFamily } from './families.ts';
import { dictionary } from './python-forms.ts';
import type { Reading } from './reading.ts';
import type { Answer, Group, Matrix } from './structure.ts';
import { isListSeparator, isOperator, listOf, MAX_ITEMS, relationSign, trim } from './token-kinds.ts';
import { findAtTop, isBracketed, type Range, rangeText, splitAtTop } from './token-ranges.ts';

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

export function namedSet(tokens: readonly Token[], range: Range): Answer | undefined {
  const first = tokens[range.from];
  const size = range.to - range.from;
  if (first?.kind !== 'command') return undefined;
  if (size === 1 && (first.text === 'emptyset' || first.text === 'varnothing'))
    return { kind: 'named-set', name: 'empty' };
  if (first.text !== 'mathbb' && first.text !== 'Bbb') return undefined;
  const name = rangeText(tokens, range)
    .replace(/^\\(?:mathbb|Bbb)\s*/, '')
    .replace(/[{}\s]/g, '');
  return size <= 9 && /^[A-Z](?:[\^_]?[*+\-\d]*)$/.test(name.replace(/\\(?:ast|star)/g, '*'))
    ? { kind: 'named-set', name }
    : undefined;
}

export function parseEnvironment(
  tokens: readonly Token[],
  range: Range,
  nesting: number,
  read: Reading,
): Answer | undefined {
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
  if (
    /^(?:align|aligned|gather|gathered|equation|displaymath|math|multline|split|eqnarray|cases|dcases|rcases)$/.test(
      first.text,
    )
  ) {
    // Columns of a display are alignment only.
    const lines: Token[][] = [];
    for (const row of rows) {
      const line = tokens.slice(row.from, row.to).filter((token) => !isOperator(token, '&'));
      // `&= 9` goes on with the line before.
      if (isOperator(line[0], '=')) lines.at(-1)?.push(...line);
      else lines.push(line);
    }
    const pieces = first.text.endsWith('cases') ? rows.map((row) => parsePiece(tokens, row, nesting, read)) : [];
    if (pieces.length > 0 && pieces.every((piece) => piece !== undefined))
      return { kind: 'group', open: '{', close: '}', items: pieces };
    const flat = lines.map((line) => read.range(line, { from: 0, to: line.length }, nesting + 1));
    return first.text.endsWith('cases') ? { kind: 'group', open: '{', close: '}', items: flat } : listOf(flat);
  }
  const cells = rows.map((row) =>
    splitAtTop(tokens, row, (token) => isOperator(token, '&')).map((cell) =>
      read.item(tokens, trim(tokens, cell), nesting + 1),
    ),
  );
  const [only] = cells[0] ?? [];
  // An array of one cell is a frame around it.
  if (first.text === 'array' && cells.length === 1 && cells[0]?.length === 1 && only) return only;
  const matrix: Matrix = { kind: 'matrix', environment: first.text, rows: cells };
  return cells.length > 0 && cells.length * (cells[0]?.length ?? 0) <= MAX_ITEMS ? matrix : undefined;
}

/** `x, & x > 0`: a value and where it holds; undefined where the columns are alignment only. */
function parsePiece(tokens: readonly Token[], row: Range, nesting: number, read: Reading): Answer | undefined {
  const [left, right, more] = splitAtTop(tokens, row, (token) => isOperator(token, '&')).map((cell) =>
    trim(tokens, cell),
  );
  const start = right && tokens[right.from];
  if (left === undefined || right === undefined || start === undefined || more !== undefined) return undefined;
  const isWord = /^(?:if|when|for|where|otherwise|else|当|若|其他)\b/i.test(start.text);
  const hasRelation = findAtTop(tokens, right, (token) => relationSign(token) !== undefined)[0];
  if (!isWord && (hasRelation === undefined || hasRelation === right.from)) return undefined;
  const from = isWord && hasRelation !== undefined && start.text.length < 6 ? right.from + 1 : right.from;
  const condition: Answer = /^(?:otherwise|else|其他)/i.test(start.text)
    ? { kind: 'text', text: 'otherwise' }
    : read.range(tokens, { from, to: right.to }, nesting + 1);
  return { kind: 'group', open: '(', close: ')', items: [read.item(tokens, left, nesting + 1), condition] };
}

export function parseGroup(tokens: readonly Token[], range: Range, nesting: number, read: Reading): Answer | undefined {
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
  if (isBraced) {
    const entries = dictionary(tokens, inner, nesting, read);
    if (entries) return entries;
    const isBuilder = findAtTop(tokens, inner, (token) => isOperator(token, '|', ':')).length === 1;
    if (!isBuilder) return read.range(tokens, inner, nesting + 1);
  }
  if (open === '{') {
    const bar = findAtTop(
      tokens,
      inner,
      (token) =>
        isOperator(token, '|', ':') || (token.kind === 'command' && (token.text === 'mid' || token.text === 'vert')),
    )[0];
    if (bar !== undefined && bar > inner.from && bar < inner.to - 1) {
      const element = read.item(tokens, { from: inner.from, to: bar }, nesting + 1);
      const condition = read.range(tokens, { from: bar + 1, to: inner.to }, nesting + 1);
      const isValue = condition.kind === 'relation' && condition.signs.every((sign) => sign === '=');
      const family = condition.kind === 'relation' ? parameterFamily(element, condition) : undefined;
      if (family) return { kind: 'group', open: '{', close: '}', items: [family] };
      // `{x | x = kπ}` is the set of these values.
      return isValue && element.kind === 'scalar' && element.expression.kind === 'symbol'
        ? { kind: 'group', open: '{', close: '}', items: [condition] }
        : { kind: 'set-builder', element, condition };
    }
  }
  if (isBraced) return read.range(tokens, inner, nesting + 1);
  const pieces = splitAtTop(tokens, inner, isListSeparator);
  if (pieces.length === 0 && open === '{' && close === '}') return { kind: 'named-set', name: 'empty' };
  if (pieces.length === 1 && ((open === '(' && close === ')') || (open === '[' && close === ']'))) {
    // Brackets around one thing mean nothing, except around text.
    const only = read.range(tokens, inner, nesting + 1);
    return only.kind === 'scalar' ? undefined : only;
  }
  if (pieces.length > MAX_ITEMS) return undefined;
  if (pieces.length < 2 && open !== '{') return undefined;
  const items = pieces.map((piece) => read.range(tokens, piece, nesting + 1));
  const [only] = items;
  // `\{x < 3\}` is `x < 3`.
  const isBound = (item: Answer) =>
    item.kind === 'relation' && !item.signs.some((sign) => sign === '=' || sign === '~');
  if (open === '{' && items.every(isBound))
    return only && items.length === 1 ? only : read.range(tokens, inner, nesting + 1);
  return { kind: 'group', open, close, items, ...(isPythonList(tokens, range) && { isPythonList: true }) };
}

/** `[1, 2]` with a space after each comma, no other space and no LaTeX. */
function isPythonList(tokens: readonly Token[], range: Range): boolean {
  if (!isOperator(tokens[range.from], '[') || !isOperator(tokens[range.to - 1], ']')) return false;
  let hasComma = false;
  for (let at = range.from + 1; at < range.to; at++) {
    const [before, token] = [tokens[at - 1], tokens[at]];
    if (token === undefined || token.kind === 'command' || token.kind === 'text' || token.kind === 'begin')
      return false;
    if (isOperator(token, ',')) {
      hasComma = true;
      if (token.isSpaced) return false;
    } else if (isOperator(before, ',')) {
      if (!token.isSpaced) return false;
    } else if (token.isSpaced && (before === tokens[range.from] || at === range.to - 1)) return false;
  }
  return hasComma;
}
