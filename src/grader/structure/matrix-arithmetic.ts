import type { Expression } from '../expression/expression.ts';
import { symbolsOf } from '../expression/expression.ts';
import { parseExpression } from '../expression/parser.ts';
import type { Token } from '../expression/tokens.ts';
import type { Reading } from './reading.ts';
import type { Answer, Matrix } from './structure.ts';
import { isOperator, MAX_ITEMS } from './token-kinds.ts';
import { findAtTop, isBracketed, type Range } from './token-ranges.ts';

/** `\frac12 M`, `-M`, `M/3`, `M^T`, `A + B`, `A B`, `3(1, 2)`, `\pm(1, 2)`: arithmetic on matrices and tuples, carried out. */

type Cells = readonly (readonly Answer[])[];

function map(cells: Cells, change: (of: Expression) => Expression): Cells | undefined {
  const rows = cells.map((row) =>
    row.map((cell): Answer | undefined =>
      cell.kind === 'scalar' && cell.unit === undefined ? { ...cell, expression: change(cell.expression) } : undefined,
    ),
  );
  return rows.every((row) => row.every((cell) => cell !== undefined)) ? (rows as Answer[][]) : undefined;
}

function expressionsOf(cells: Cells): readonly (readonly Expression[])[] | undefined {
  const rows = cells.map((row) => row.map((cell) => (cell.kind === 'scalar' ? cell.expression : undefined)));
  return rows.every((row) => row.every((cell) => cell !== undefined)) ? (rows as Expression[][]) : undefined;
}

function scalar(expression: Expression): Answer {
  return { kind: 'scalar', expression };
}

function sumOf(a: Cells, b: Cells): Cells | undefined {
  const [left, right] = [expressionsOf(a), expressionsOf(b)];
  if (!left || !right || left.length !== right.length) return undefined;
  if (left.some((row, k) => row.length !== right[k]?.length)) return undefined;
  return left.map((row, k) =>
    row.map((cell, j) => {
      const other = right[k]?.[j];
      return scalar(other === undefined ? cell : { kind: 'add', terms: [cell, other] });
    }),
  );
}

function productOf(a: Cells, b: Cells): Cells | undefined {
  const [left, right] = [expressionsOf(a), expressionsOf(b)];
  const [width, height] = [left?.[0]?.length ?? 0, right?.length ?? 0];
  if (!left || !right || width === 0 || width !== height || left.length * width > 36) return undefined;
  if (left.some((row) => row.length !== width)) return undefined;
  return left.map((row) =>
    (right[0] ?? []).map((_, column) =>
      scalar({
        kind: 'add',
        terms: row.map((cell, k) => {
          const other = right[k]?.[column];
          return other === undefined ? cell : { kind: 'multiply', factors: [cell, other] };
        }),
      }),
    ),
  );
}

function transposed(cells: Cells): Cells {
  return (cells[0] ?? []).map((_, column) => cells.map((row) => row[column] ?? { kind: 'text', text: '' }));
}

function isMultiplication(token: Token | undefined): boolean {
  return isOperator(token, '*') || (token?.kind === 'command' && (token.text === 'cdot' || token.text === 'times'));
}

/** Length of a mark of transposition at a place: `^T`, `^{T}`, `^\top`. */
function transposition(tokens: readonly Token[], at: number, to: number): number {
  if (!isOperator(tokens[at], '^')) return 0;
  const isMark = (token: Token | undefined) => token !== undefined && /^(?:T|top|intercal|t)$/.test(token.text);
  if (isMark(tokens[at + 1]) && at + 1 < to) return 2;
  return isOperator(tokens[at + 1], '{') && isMark(tokens[at + 2]) && isOperator(tokens[at + 3], '}') ? 4 : 0;
}

function numberFrom(tokens: readonly Token[], range: Range): Expression | undefined {
  const parsed = parseExpression(tokens, range.from, range.to);
  return 'failure' in parsed ? undefined : parsed.expression;
}

/** Where the block that begins at a place ends: an environment, or a tuple in brackets; undefined without one. */
function blockEnd(tokens: readonly Token[], from: number, to: number): number | undefined {
  const opens = (token: Token | undefined) => token?.kind === 'begin' || isOperator(token, '(', '[');
  if (!opens(tokens[from])) return undefined;
  for (let end = from + 2; end <= to; end++) if (isBracketed(tokens, { from, to: end })) return end;
  return undefined;
}

/** One product: scalars, matrices and their marks in a row. */
function parseProduct(tokens: readonly Token[], range: Range, nesting: number, read: Reading): Cells | undefined {
  let result: Cells | undefined;
  let at = range.from;
  while (at < range.to) {
    if (result !== undefined && isMultiplication(tokens[at])) {
      at++;
      continue;
    }
    if (result !== undefined && isOperator(tokens[at], '/')) {
      const denominator = numberFrom(tokens, { from: at + 1, to: range.to });
      return denominator && map(result, (numerator) => ({ kind: 'divide', numerator, denominator }));
    }
    const end = blockEnd(tokens, at, range.to);
    const block = end === undefined ? undefined : read.item(tokens, { from: at, to: end }, nesting + 1);
    if (block?.kind === 'matrix' && end !== undefined) {
      const marks = transposition(tokens, end, range.to);
      const cells = marks > 0 ? transposed(block.rows) : block.rows;
      result = result === undefined ? cells : productOf(result, cells);
      if (result === undefined) return undefined;
      at = end + marks;
      continue;
    }
    // What stands before a matrix is a factor, what stands behind the last one as well.
    let next = at + 1;
    while (next < range.to && tokens[next]?.kind !== 'begin') next++;
    if (isOperator(tokens[next - 1], '(', '[')) next--;
    const to = isMultiplication(tokens[next - 1]) ? next - 1 : next;
    const factor = numberFrom(tokens, { from: at, to });
    if (factor === undefined) return undefined;
    const rest = next < range.to ? parseProduct(tokens, { from: next, to: range.to }, nesting, read) : undefined;
    if (next < range.to && rest === undefined) return undefined;
    const scaled = rest ?? result;
    const both = rest !== undefined && result !== undefined ? productOf(result, rest) : scaled;
    return both && map(both, (cell) => ({ kind: 'multiply', factors: [factor, cell] }));
  }
  return result;
}

/** A sum of products of which each holds a matrix; undefined for anything else, a plain matrix among it. */
export function parseMatrixArithmetic(
  tokens: readonly Token[],
  range: Range,
  nesting: number,
  read: Reading,
): Matrix | undefined {
  const begins = tokens.slice(range.from, range.to).filter(({ kind }) => kind === 'begin').length;
  if (begins === 0 || begins > 4 || isBracketed(tokens, range)) return undefined;
  const signs = findAtTop(tokens, range, (token) => isOperator(token, '+', '-'));
  const bounds = [...new Set([range.from, ...signs, range.to])];
  let total: Cells | undefined;
  let pending = range.from;
  for (let k = 1; k < bounds.length; k++) {
    const to = bounds[k] ?? range.to;
    const from = isOperator(tokens[pending], '+', '-') ? pending + 1 : pending;
    if (from >= to || !tokens.slice(from, to).some(({ kind }) => kind === 'begin')) {
      if (to === range.to) return undefined;
      // A sign inside a factor, `(1 - t) M`: goes on with the next sign.
      if (from >= to) continue;
      return undefined;
    }
    const cells = parseProduct(tokens, { from, to }, nesting, read);
    const signed = cells && (isOperator(tokens[pending], '-') ? map(cells, (of) => ({ kind: 'negate', of })) : cells);
    if (signed === undefined) return undefined;
    total = total === undefined ? signed : sumOf(total, signed);
    if (total === undefined) return undefined;
    pending = to;
  }
  return total && total.length * (total[0]?.length ?? 0) <= MAX_ITEMS
    ? { kind: 'matrix', environment: 'pmatrix', rows: total }
    : undefined;
}

/** `\pm(1, 2)` as two tuples, `3(1, 2)` and `-(1, 2)` carried out; undefined where the factor isn't a number. */
export function parseScaledTuple(
  tokens: readonly Token[],
  range: Range,
  nesting: number,
  read: Reading,
): Answer | undefined {
  let open = range.from;
  while (open < range.to && !isOperator(tokens[open], '(', 'langle') && tokens[open]?.kind !== 'begin') open++;
  if (open === range.from || !isBracketed(tokens, { from: open, to: range.to })) return undefined;
  const block = read.item(tokens, { from: open, to: range.to }, nesting + 1);
  const isTuple = block.kind === 'group' && block.open === '(' && block.close === ')' && block.items.length > 1;
  if (!isTuple && block.kind !== 'matrix') return undefined;
  const sign = tokens[range.from];
  const isPlusMinus = sign?.kind === 'command' && (sign.text === 'pm' || sign.text === 'mp') && open === range.from + 1;
  const scale = (change: (of: Expression) => Expression): Answer | undefined => {
    const rows = map(block.kind === 'matrix' ? block.rows : [block.kind === 'group' ? block.items : []], change);
    if (rows === undefined) return undefined;
    return block.kind === 'matrix'
      ? { ...block, rows }
      : { kind: 'group', open: '(', close: ')', items: rows[0] ?? [] };
  };
  const negated = () => scale((of) => ({ kind: 'negate', of }));
  if (isPlusMinus) {
    const other = negated();
    return other && { kind: 'list', items: [block, other] };
  }
  if (isOperator(sign, '-') && open === range.from + 1) return negated();
  const factor = numberFrom(tokens, { from: range.from, to: isMultiplication(tokens[open - 1]) ? open - 1 : open });
  if (factor === undefined || symbolsOf(factor).size > 0) return undefined;
  return scale((of) => ({ kind: 'multiply', factors: [factor, of] }));
}
