import { Cursor, call, MAX_DEPTH, product } from './cursor.ts';
import type { Expression } from './expression.ts';
import { factor } from './factors.ts';
import { DECORATIONS, FUNCTIONS, MULTIPLICATION, OPAQUE_COMMANDS, SYMBOL_COMMANDS } from './names.ts';
import type { Token } from './tokens.ts';

export function sum(c: Cursor): Expression {
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

export function term(c: Cursor): Expression {
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

export function startsFactor(c: Cursor, token: Token): boolean {
  switch (token.kind) {
    case 'number':
      return isMixedAhead(c) || isProductNumber(c, token);
    case 'word':
      return true;
    case 'text':
    case 'begin':
    case 'end':
      return false;
    case 'command':
      return (
        FUNCTIONS.has(token.text) ||
        OPAQUE_COMMANDS.has(token.text) ||
        SYMBOL_COMMANDS.has(token.text) ||
        DECORATIONS.has(token.text) ||
        [
          'frac',
          'binom',
          'pi',
          'infty',
          'lfloor',
          'lceil',
          'lvert',
          'lVert',
          'operatorname',
          'mathbb',
          'Vert',
        ].includes(token.text)
      ); // prettier-ignore
    case 'operator':
      return token.text === '(' || token.text === '{' || token.text === '[' || (token.text === '|' && c.bars === 0);
  }
}

/** `5!5!`, `(n-2) 2^n`, `k 2^n`, `2^6 3^5`; `2 3` and `2^6 3` are no products. */
function isProductNumber(c: Cursor, token: Token): boolean {
  const before = c.tokens[c.at - 1];
  if (before === undefined) return false;
  if (before.kind === 'number' && c.tokens[c.at - 2]?.text !== '^') return false;
  if (before.text === '!' || before.text === ')') return true;
  return token.isSpaced && c.tokens[c.at + 1]?.text === '^';
}

/** At `1/2` after an integer and a space. */
export function isMixedAhead(c: Cursor): boolean {
  const [before, here, slash, below] = [-1, 0, 1, 2].map((offset) => c.tokens[c.at + offset]);
  return (
    before?.kind === 'number' &&
    here?.isSpaced === true &&
    slash?.text === '/' &&
    below?.kind === 'number' &&
    c.at + 2 < c.to
  );
}

export function signedFactor(c: Cursor): Expression {
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

export type ParsedExpression = { readonly expression: Expression } | { readonly failure: string };

/** Reads tokens[from, to) as one scalar expression. */
export function parseExpression(tokens: readonly Token[], from = 0, to = tokens.length): ParsedExpression {
  if (from >= to) return { failure: 'empty' };
  const cursor = new Cursor(tokens, from, to);
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
