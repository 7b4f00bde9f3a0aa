import { literal } from '../expression/cursor.ts';
import type { Expression } from '../expression/expression.ts';
import { FUNCTIONS } from '../expression/names.ts';
import { parseExpression } from '../expression/parser.ts';
import type { Token } from '../expression/tokens.ts';
import { isShortWord } from '../normalise/prose.ts';
import { isMonth } from './dates.ts';
import type { Scalar } from './structure.ts';
import { type Range, rangeText } from './token-ranges.ts';
import { isUnitLetter, isUnitWord } from './units.ts';

const CURRENCY_WORDS = /^(?:USD|EUR|GBP|RMB|CNY|Rs|US)$/;
const CURRENCY_SIGNS: Readonly<Record<string, string>> = {
  '€': 'euro',
  '£': 'pound-sterling',
  '¥': 'yuan',
  '￥': 'yuan',
  '₹': 'rupee',
};

function currency(token: Token | undefined): string | undefined {
  if (token === undefined) return undefined;
  if (token.kind === 'command' && token.text === 'dollar') return 'dollar';
  if (token.kind === 'command' && token.text === 'pounds') return 'pound-sterling';
  if (token.kind === 'operator' && token.text === '$') return 'dollar';
  if (token.kind === 'word' && CURRENCY_WORDS.test(token.text))
    return token.text === 'US' ? 'dollar' : token.text.toLowerCase();
  return CURRENCY_SIGNS[token.text];
}

/** `10`, `-2.5`, `1.7 \\times 10^{-10}`. */
function isNumeral(tokens: readonly Token[], range: Range): boolean {
  for (let at = range.from; at < range.to; at++) {
    const token = tokens[at];
    if (token?.kind !== 'number' && token?.kind !== 'operator' && token?.text !== 'times' && token?.text !== 'cdot')
      return false;
  }
  return range.to > range.from;
}

/** Whether a unit or a counted noun may begin at this token. */
function startsUnit(tokens: readonly Token[], at: number, range: Range): boolean {
  const token = tokens[at];
  const before = tokens[at - 1];
  if (token && (token.isProduct || isMonth(token.text))) return false;
  if (token?.kind === 'text') return true;
  if (token?.kind === 'command')
    return token.text === 'Omega' && at === range.to - 1 && isNumeral(tokens, { from: range.from, to: at });
  const isMinutes = token?.text === 'min' && before?.kind === 'number' && !/^[({\\]/.test(tokens[at + 1]?.text ?? '');
  const isDegrees = token?.text === 'deg' && before?.kind === 'number' && at === range.to - 1;
  if (isDegrees) return true;
  if (token?.kind !== 'word' || (FUNCTIONS.has(token.text) && !isMinutes) || token.text === 'pi') return false;
  const isAfterValue = before !== undefined && (before.kind === 'number' || before.text === '}' || before.text === ')');
  if (token.text.length > 3 || isShortWord(token.text)) return isAfterValue || token.isSpaced;
  // `\\frac{1}{2}mg` is a force.
  if (/^(?:mg|ms|kn|pa)$/.test(token.text) && !token.isSpaced && before?.kind !== 'number') return false;
  if (token.text.length > 1) return isUnitWord(token.text) && (token.isSpaced || isAfterValue);
  // `10 m`: a single letter apart from a plain number that stands for the whole value.
  return token.isSpaced && isUnitLetter(token.text) && isNumeral(tokens, { from: range.from, to: at });
}

/** `8 does not work`, `8 times larger` are no measures of 8. */
const NO_UNIT =
  /(?:^|\s)(?:not|never|cannot|can't|isn't|wrong|incorrect|impossible|fails?|false|invalid|times\s+(?:as|more|less|fewer|larger|bigger|greater|smaller|the))(?:\s|$)/i;

/** After the value only words, exponents, slashes and dots may follow. */
function isUnitTail(tokens: readonly Token[], range: Range): boolean {
  if (/^(?:is|are)(?![a-z])/.test(tokens[range.from]?.text ?? '')) return false;
  if (NO_UNIT.test(rangeText(tokens, range))) return false;
  let words = 0;
  for (let at = range.from; at < range.to; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.kind === 'word' || token.kind === 'text') {
      words++;
      continue;
    }
    const isPunctuation =
      token.kind === 'operator' && ['^', '{', '}', '/', '-', '.', '(', ')', '_', '*', "'"].includes(token.text);
    const isExponent =
      token.kind === 'number' &&
      (tokens[at - 1]?.text === '^' || tokens[at - 1]?.text === '{' || tokens[at - 1]?.text === '-');
    const isCommand =
      token.kind === 'command' &&
      (token.text === 'cdot' || token.text === 'times' || token.text === 'circ' || token.text === 'Omega');
    if (!isPunctuation && !isExponent && !isCommand) return false;
  }
  return words <= 8;
}

/** A value, perhaps with currency, unit or noun: `\$5`, `10 cm^2`, `15th day`. undefined if it is none. */
export function parseScalar(tokens: readonly Token[], whole: Range): Scalar | undefined {
  let range = whole;
  let unit: string | undefined;
  for (const [edge, inner] of [
    [range.from, { from: range.from + 1, to: range.to }],
    [range.to - 1, { from: range.from, to: range.to - 1 }],
  ] as const) {
    const found = currency(tokens[edge]);
    if (found !== undefined && inner.to > inner.from && unit === undefined) [unit, range] = [found, inner];
  }
  // `-\$5`.
  if (unit === undefined && tokens[range.from]?.text === '-' && currency(tokens[range.from + 1]) !== undefined) {
    const rest = parseScalar(tokens, { from: range.from + 1, to: range.to });
    return rest && { ...rest, expression: { kind: 'negate', of: rest.expression } };
  }
  let depth = 0;
  for (let at = range.from + 1; at < range.to; at++) {
    const token = tokens[at];
    if (token?.text === '(' || token?.text === '{') depth++;
    if (token?.text === ')' || token?.text === '}') depth--;
    if (depth !== 0 || !startsUnit(tokens, at, range)) continue;
    const tail = { from: at, to: range.to };
    if (!isUnitTail(tokens, tail)) break;
    const head = value(tokens, { from: range.from, to: at });
    // `a text of words` has no value `a`.
    if (head === undefined || (head.kind === 'symbol' && tokens[at]?.kind === 'word')) break;
    return withUnit(head, rangeText(tokens, tail));
  }
  const expression = value(tokens, range);
  return expression && withUnit(expression, unit);
}

function value(tokens: readonly Token[], range: Range): Expression | undefined {
  const parsed = parseExpression(tokens, range.from, range.to);
  return 'failure' in parsed ? undefined : parsed.expression;
}

const SCALES: Readonly<Record<string, number>> = {
  hundred: 2,
  thousand: 3,
  万: 4,
  million: 6,
  亿: 8,
  billion: 9,
  trillion: 12,
};
const SCALE = /^(hundred|thousand|millions?|billions?|trillion|万|亿)(?![a-z])\s*/i;

/** A percent written in words is a percent sign, `degrees` a degree mark, `million` a factor. */
function withUnit(expression: Expression, unit: string | undefined): Scalar {
  if (unit === undefined) return { kind: 'scalar', expression };
  const scale = SCALE.exec(unit);
  const exponent = SCALES[scale?.[1]?.toLowerCase().replace(/s$/, '') ?? ''];
  if (scale && exponent !== undefined && expression.kind === 'number') {
    const factor: Expression = { kind: 'power', base: literal(10n), exponent: literal(BigInt(exponent)) };
    const rest = unit.slice(scale[0].length).trim();
    return withUnit({ kind: 'multiply', factors: [expression, factor] }, rest === '' ? undefined : rest);
  }
  if (/^(?:percent|per cent|pct|percentage|percents)\b/i.test(unit))
    return { kind: 'scalar', expression: { kind: 'call', name: 'percent', arguments: [expression] } };
  if (/^deg(?:rees?)?$/i.test(unit))
    return { kind: 'scalar', expression: { kind: 'call', name: 'degree', arguments: [expression] } };
  return { kind: 'scalar', expression, unit };
}
