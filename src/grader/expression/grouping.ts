import { type Cursor, call, letter, literal, MAX_DEPTH } from './cursor.ts';
import type { Expression } from './expression.ts';
import { FUNCTIONS } from './names.ts';

/** Arguments and exponents: a braced group, a bracket, or what LaTeX takes without one. */

const PAIRS: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['\\{', '\\}'],
]);

export function exponent(c: Cursor): Expression {
  if (c.isOperator('{') || c.isOperator('(')) return c.rules.primary(c);
  if (c.isOperator('-') || c.isOperator('+')) return c.rules.signedFactor(c);
  return c.rules.primary(c);
}

/** A braced group or a single token, as LaTeX takes arguments; digits one at a time. */
export function group(c: Cursor): Expression {
  if (c.isOperator('{')) return bracketed(c);
  const token = c.peek();
  if (token?.kind === 'number' && /^\d{2,}$/.test(token.text)) {
    // `\frac12`: the first digit is this argument, the rest stays.
    const rest = token.text.slice(1);
    c.leave(token, rest, BigInt(rest));
    return literal(BigInt(token.text.slice(0, 1)));
  }
  if (token?.kind === 'word' && token.text.length > 1 && !FUNCTIONS.has(token.text)) {
    c.leave(token, token.text.slice(1));
    return letter(token.text.slice(0, 1));
  }
  if (c.isOperator('-')) return c.rules.signedFactor(c);
  return c.rules.primary(c);
}

export function bracketed(c: Cursor): Expression {
  const open = c.peek()?.text ?? '';
  const close = PAIRS.get(open);
  if (++c.depth > MAX_DEPTH) return c.fail('too-deep');
  c.at++;
  const bars = c.bars;
  c.bars = 0;
  const [only] = [c.rules.sum(c)];
  c.bars = bars;
  if (c.isCommand('choose')) {
    c.at++;
    const below = c.rules.sum(c);
    if (!c.isOperator(close ?? '')) return c.fail('bracket');
    c.at++;
    c.depth--;
    return call('binomial', only, below);
  }
  if (c.isCommand('over')) {
    c.at++;
    const denominator = c.rules.sum(c);
    if (!c.isOperator(close ?? '')) return c.fail('bracket');
    c.at++;
    c.depth--;
    return { kind: 'divide', numerator: only, denominator };
  }
  if (close === undefined || !c.isOperator(close)) return c.fail('bracket');
  c.at++;
  c.depth--;
  return only;
}

export function argumentsInBrackets(c: Cursor): Expression[] {
  c.at++;
  const result = [c.rules.sum(c)];
  while (c.isOperator(',')) {
    c.at++;
    result.push(c.rules.sum(c));
  }
  if (!c.isOperator(')') && !c.isOperator('\\}') && !c.isOperator(']')) c.fail('bracket');
  c.at++;
  return result;
}

export function absolute(c: Cursor, open: string, close: string): Expression {
  c.bars++;
  const inner = c.rules.sum(c);
  c.bars--;
  const token = c.peek();
  if (token?.text !== close) return c.fail('bracket');
  c.at++;
  return call(open === 'lfloor' ? 'floor' : open === 'lceil' ? 'ceil' : 'abs', inner);
}
