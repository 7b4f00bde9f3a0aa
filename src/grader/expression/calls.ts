import { boundOperator } from './bounds.ts';
import { type Cursor, call, MAX_DEPTH, product } from './cursor.ts';
import type { Expression } from './expression.ts';
import { argumentsInBrackets, bracketed, group, exponent as readExponent } from './grouping.ts';
import { startsFactor } from './lookahead.ts';
import { FUNCTIONS } from './names.ts';
import { subscript, symbol } from './symbols.ts';

export function functionCall(c: Cursor, name: string): Expression {
  const args: Expression[] = [];
  let exponent: Expression | undefined;
  if (name === 'sqrt' && c.isOperator('[')) args.push(bracketed(c));
  if ((name === 'log' || name === 'log10') && c.isOperator('_')) {
    c.at++;
    args.push(group(c));
  }
  if (c.isOperator('_') && (name === 'max' || name === 'min')) return symbol(c, name);
  if (c.isOperator('^') && name !== 'sqrt' && name !== 'exp') {
    c.at++;
    exponent = readExponent(c);
  }
  if (name === 'log' && args.length === 0 && c.isOperator('_')) {
    c.at++;
    args.push(group(c));
  }
  let values: Expression[];
  if (name === 'sqrt' || name === 'cbrt') values = c.isOperator('(') ? argumentsInBrackets(c) : [radicand(c)];
  else if (c.isOperator('(') || c.isOperator('\\{') || c.isOperator('[')) values = argumentsInBrackets(c);
  else if (c.isOperator('{')) values = [bracketed(c)];
  else values = [bareArgument(c)];
  if (name === 'sqrt' && args.length === 1) values.push(...args.splice(0));
  const isInverse = exponent?.kind === 'negate' && exponent.of.kind === 'number' && exponent.of.value.numerator === 1n;
  if (isInverse && /^(?:sin|cos|tan|cot)$/.test(name)) return call(`a${name}`, ...values);
  const result = call(name, ...values, ...args);
  return exponent === undefined ? result : { kind: 'power', base: result, exponent };
}

/** `√12` and `\sqrt12` mean the whole numeral, though LaTeX would put only its first digit under the bar. */
function radicand(c: Cursor): Expression {
  return c.peek()?.kind === 'number' ? c.rules.primary(c) : group(c);
}

/** `\sin 2x`: factors up to the next sign or function. */
function bareArgument(c: Cursor): Expression {
  if (++c.depth > MAX_DEPTH) return c.fail('too-deep');
  const factors = [c.rules.signedFactor(c)];
  for (let token = c.peek(); token !== undefined && c.failure === undefined; token = c.peek()) {
    const isFunction = FUNCTIONS.has(token.text) && token.text !== 'sqrt' && token.text !== 'gamma';
    // `\sin 2(x + 1)`: a number before the bracket belongs to it.
    const isAfterNumber = token.text === '(' && factors.length === 1 && factors[0]?.kind === 'number';
    const isBracket = !isAfterNumber && (token.text === '(' || token.text === '[' || token.text === '|');
    if (token.text === '/' && c.tokens[c.at + 1]?.kind === 'number') {
      c.at++;
      factors.push({ kind: 'divide', numerator: product(factors.splice(0)), denominator: c.rules.primary(c) });
    } else if (!isFunction && !isBracket && startsFactor(c, token)) factors.push(c.rules.factor(c));
    else break;
  }
  c.depth--;
  return product(factors);
}

/** A sum, product, integral or limit; with bounds that can't be read it is kept by its text. */
export function opaque(c: Cursor, name: string): Expression {
  const { at, depth, bars } = c;
  const result = boundOperator(c, name);
  if (c.failure === undefined || c.failure === 'too-deep') return result;
  Object.assign(c, { failure: undefined, at, depth, bars });
  const parts: Expression[] = [];
  while (c.isOperator('_') || c.isOperator('^')) {
    const mark = c.peek()?.text ?? '';
    c.at++;
    parts.push({ kind: 'symbol', name: `${mark}${subscript(c)}` });
  }
  if (c.at < c.to && c.failure === undefined) parts.push(c.rules.term(c));
  return { kind: 'opaque', name: `${name}?`, arguments: parts };
}
