import type { Expression } from '../expression/expression.ts';
import { parseExpression } from '../expression/parser.ts';
import type { Token } from '../expression/tokens.ts';
import type { Reading } from './reading.ts';
import type { Answer } from './structure.ts';
import { isOperator, textOf } from './token-kinds.ts';
import { isBracketed, type Range, rangeText, splitAtTop } from './token-ranges.ts';

const CLOCK = /^(\d{1,2}):(\d{2})(?::00)?\s*(?:([ap])\.? ?m\.?)?$/i;

export function parseRatio(tokens: readonly Token[], range: Range): Answer | undefined {
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
export function parseLabelled(
  tokens: readonly Token[],
  range: Range,
  nesting: number,
  read: Reading,
): Answer | undefined {
  for (let at = range.from + 1; at < Math.min(range.to - 1, range.from + 8); at++) {
    const token = tokens[at];
    const isLabelEnd =
      isOperator(token, ':') || (token?.kind === 'word' && (token.text === 'is' || token.text === 'equals'));
    if (token?.kind !== 'word' && token?.kind !== 'text' && !isLabelEnd) return undefined;
    if (!isLabelEnd) continue;
    const value = read.item(tokens, { from: at + 1, to: range.to }, nesting + 1);
    if (value.kind === 'text') return undefined;
    return { kind: 'relation', sides: [textOf(tokens, { from: range.from, to: at }), value], signs: ['='] };
  }
  return undefined;
}

const QUANTITY =
  /^(?:the|is|value|values|maximum|minimum|max|min|largest|smallest|greatest|least|area|perimeter|volume|length|width|height|radius|diameter|distance|speed|sum|product|difference|total|probability|answer|cost|price|exactly|precisely|just|simply|equals?|to|of|final|result|最大值|最小值|最大值为|最小值为)$/i;

/** `maximum value 9`: words that name a quantity, then its value. */
export function parseNamedQuantity(
  tokens: readonly Token[],
  range: Range,
  nesting: number,
  read: Reading,
): Answer | undefined {
  let at = range.from;
  const isWords = (token: Token | undefined) =>
    (token?.kind === 'word' || token?.kind === 'text') &&
    token.text
      .replace(/\s*[:：=]\s*$/, '')
      .split(/\s+/)
      .every((word) => QUANTITY.test(word));
  while (at < range.to && isWords(tokens[at])) at++;
  if (at === range.from || at >= range.to) return undefined;
  const value = read.item(tokens, { from: at, to: range.to }, nesting + 1);
  return value.kind === 'scalar'
    ? { kind: 'relation', sides: [textOf(tokens, { from: range.from, to: at }), value], signs: ['='] }
    : undefined;
}

/** `x(t)` and `P(x)` before an equals sign are functions, whatever the letter. */
export function parseApplication(tokens: readonly Token[], range: Range): Answer | undefined {
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
