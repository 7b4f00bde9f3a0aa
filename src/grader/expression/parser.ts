import { Cursor, call, MAX_DEPTH, product, type Rules } from './cursor.ts';
import type { Expression } from './expression.ts';
import { factor, primary } from './factors.ts';
import { startsFactor } from './lookahead.ts';
import { MULTIPLICATION } from './names.ts';
import type { Token } from './tokens.ts';

function sum(c: Cursor): Expression {
  if (++c.depth > MAX_DEPTH) return c.fail('too-deep');
  const terms: Expression[] = [];
  while (c.failure === undefined) {
    let negative = false;
    let plusMinus: boolean | undefined;
    let sawSign = false;
    for (;;) {
      if (c.isOperator('-')) negative = !negative;
      else if (c.isCommand('pm')) plusMinus = false;
      else if (c.isCommand('mp')) plusMinus = true;
      else if (!c.isOperator('+')) break;
      sawSign = true;
      c.at++;
    }
    if (terms.length > 0 && !sawSign) break;
    let next = term(c);
    if (negative) next = { kind: 'negate', of: next };
    if (plusMinus !== undefined) next = { kind: 'plus-minus', isInverted: plusMinus, of: next };
    terms.push(next);
  }
  c.depth--;
  const [only] = terms;
  return terms.length === 1 && only ? only : { kind: 'add', terms };
}

function term(c: Cursor): Expression {
  let left = signedFactor(c);
  const factors = [left];
  while (c.failure === undefined) {
    const token = c.peek();
    if (token === undefined) break;
    if (token.kind === 'operator' && token.text === '*') {
      c.at++;
      factors.push(signedFactor(c));
    } else if (token.kind === 'command' && MULTIPLICATION.has(token.text)) {
      c.at++;
      factors.push(signedFactor(c));
    } else if (
      (token.kind === 'operator' && token.text === '/') ||
      (token.kind === 'command' && token.text === 'div') ||
      (token.kind === 'operator' && token.text === '\\/')
    ) {
      c.at++;
      left = { kind: 'divide', numerator: product(factors.splice(0)), denominator: signedFactor(c) };
      factors.push(left);
    } else if ((token.kind === 'command' && token.text === 'bmod') || (token.kind === 'word' && token.text === 'mod')) {
      c.at++;
      left = call('mod', product(factors.splice(0)), signedFactor(c));
      factors.push(left);
    } else if (startsFactor(c, token)) {
      const next = factor(c);
      const mixed = mixedNumber(factors.at(-1), next, token);
      if (mixed) factors[factors.length - 1] = mixed;
      else factors.push(next);
    } else break;
  }
  return product(factors);
}

function signedFactor(c: Cursor): Expression {
  if (c.isOperator('-') || c.isOperator('+') || c.isCommand('pm') || c.isCommand('mp')) {
    const sign = c.peek()?.text;
    c.at++;
    if (++c.depth > MAX_DEPTH) return c.fail('too-deep');
    const of = signedFactor(c);
    c.depth--;
    if (sign === '-') return { kind: 'negate', of };
    return sign === '+' ? of : { kind: 'plus-minus', isInverted: sign === 'mp', of };
  }
  return factor(c);
}

/** `2\frac13`, `2 1/3`: an integer directly before a proper fraction of integers. */
function mixedNumber(whole: Expression | undefined, part: Expression, token: Token): Expression | undefined {
  // `17\\frac17\\%`: the mark is of the whole number.
  const marked =
    part.kind === 'call' && (part.name === 'percent' || part.name === 'degree') ? part.arguments[0] : undefined;
  if (part.kind === 'call' && marked?.kind === 'divide') {
    const mixed = mixedNumber(whole, marked, token);
    return mixed && call(part.name, mixed);
  }
  if (whole?.kind !== 'number' || whole.decimals > 0 || part.kind !== 'divide') return undefined;
  if (token.text !== 'frac' && token.kind !== 'number') return undefined;
  const { numerator, denominator } = part;
  if (numerator.kind !== 'number' || denominator.kind !== 'number') return undefined;
  if (numerator.decimals > 0 || denominator.decimals > 0) return undefined;
  if (numerator.value.numerator >= denominator.value.numerator) return undefined;
  return { kind: 'add', terms: [whole, part] };
}

const RULES: Rules = { sum, term, signedFactor, factor, primary };

export type ParsedExpression = { readonly expression: Expression } | { readonly failure: string };

/** Reads tokens[from, to) as one scalar expression. */
export function parseExpression(tokens: readonly Token[], from = 0, to = tokens.length): ParsedExpression {
  if (from >= to) return { failure: 'empty' };
  const cursor = new Cursor(tokens, from, to, RULES);
  let expression = sum(cursor);
  if (cursor.isCommand('choose')) {
    cursor.at++;
    expression = call('binomial', expression, sum(cursor));
  } else if (cursor.isCommand('over')) {
    cursor.at++;
    expression = { kind: 'divide', numerator: expression, denominator: sum(cursor) };
  }
  if (cursor.at < cursor.to) cursor.fail('unread');
  return cursor.failure === undefined ? { expression } : { failure: cursor.failure };
}
