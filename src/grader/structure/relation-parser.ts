import type { RelationSign } from '../expression/names.ts';
import type { Token } from '../expression/tokens.ts';
import type { Reading } from './reading.ts';
import { parseApplication } from './special-forms.ts';
import { type Answer, UNNAMED } from './structure.ts';
import { isOperator, relationSign, textOf } from './token-kinds.ts';
import type { Range } from './token-ranges.ts';

/** Equations, inequalities, congruences and bounds. */

const QUANTIFIER =
  /^(?:all|every|any|each|positive|nonnegative|non|only|exactly|negative|natural|real|odd-free|integers?|numbers?|values?|of|for|where|such|that|where|所有|整数|正整数|实数)$/i;

/** Where the relation begins in `all positive integers n ≥ 3`. */
export function withoutQuantifier(tokens: readonly Token[], range: Range): number {
  let at = range.from;
  while (
    at < range.to &&
    (tokens[at]?.kind === 'word' || tokens[at]?.kind === 'text') &&
    (tokens[at]?.text ?? '').split(/\s+/).every((word) => QUANTIFIER.test(word))
  )
    at++;
  const next = tokens[at + 1];
  return at > range.from &&
    tokens[at]?.kind === 'word' &&
    next !== undefined &&
    at + 1 < range.to &&
    relationSign(next) !== undefined
    ? at
    : range.from;
}

/** `n \equiv 1 \pmod 3`, with or without brackets around `mod`; the modulus is the third side. */
function parseCongruence(
  tokens: readonly Token[],
  range: Range,
  at: readonly number[],
  nesting: number,
  read: Reading,
): Answer | undefined {
  const [sign] = at;
  const signToken = sign === undefined ? undefined : tokens[sign];
  if (sign === undefined || at.length !== 1 || !signToken || relationSign(signToken) !== 'mod') return undefined;
  let mark = sign + 1;
  while (mark < range.to && !/^(?:pmod|mod|bmod)$/.test(tokens[mark]?.text ?? '')) mark++;
  const isOpened = isOperator(tokens[mark - 1], '(');
  if (mark >= range.to) return undefined;
  const to = isOpened && isOperator(tokens[range.to - 1], ')') ? range.to - 1 : range.to;
  const parts: Range[] = [
    { from: range.from, to: sign },
    { from: sign + 1, to: isOpened ? mark - 1 : mark },
    { from: mark + 1, to },
  ];
  return { kind: 'relation', sides: parts.map((part) => read.item(tokens, part, nesting + 1)), signs: ['mod', 'mod'] };
}

/** `7 \pmod{11}`, `7 (mod 11)`: a residue without a name. */
export function parseResidue(
  tokens: readonly Token[],
  range: Range,
  nesting: number,
  read: Reading,
): Answer | undefined {
  const isMark = (token: Token | undefined) => token !== undefined && /^(?:pmod|mod)$/.test(token.text);
  let mark = range.from + 1;
  while (mark < range.to && !isMark(tokens[mark])) mark++;
  if (mark >= range.to - 1) return undefined;
  const isOpened = isOperator(tokens[mark - 1], '(');
  // `17 mod 5` without brackets is 2.
  if (tokens[mark]?.text === 'mod' && !isOpened) return undefined;
  const to = isOpened && isOperator(tokens[range.to - 1], ')') ? range.to - 1 : range.to;
  const value = read.item(tokens, { from: range.from, to: isOpened ? mark - 1 : mark }, nesting + 1);
  const modulus = read.item(tokens, { from: mark + 1, to }, nesting + 1);
  if (value.kind !== 'scalar' || modulus.kind !== 'scalar') return undefined;
  return { kind: 'relation', sides: [UNNAMED, value, modulus], signs: ['mod', 'mod'] };
}

const BOUND_SIGNS: ReadonlySet<RelationSign> = new Set(['<', '>', '<=', '>=', '!=', 'in', 'notin']);

export function parseRelation(
  tokens: readonly Token[],
  range: Range,
  at: readonly number[],
  nesting: number,
  read: Reading,
): Answer {
  const congruence = parseCongruence(tokens, range, at, nesting, read);
  if (congruence) return congruence;
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
        (k === 0 ? parseApplication(tokens, { from, to }) : undefined) ?? read.item(tokens, { from, to }, nesting + 1),
      );
    if (to < range.to && token && from < to) {
      const sign = relationSign(token) ?? '=';
      // `f(x) \equiv 1` without a modulus: equal everywhere.
      signs.push(sign === 'mod' ? '=' : sign);
    }
  }
  const [only] = sides;
  const [firstSign] = at.map((position) => tokens[position] && relationSign(tokens[position]));
  if (sides.length === 1 && only) {
    const isLeading = at[0] === range.from && firstSign !== undefined && BOUND_SIGNS.has(firstSign);
    return isLeading ? { kind: 'relation', sides: [UNNAMED, only], signs: [firstSign] } : only;
  }
  return signs.length === sides.length - 1 && sides.length > 1
    ? { kind: 'relation', sides, signs }
    : textOf(tokens, range);
}
