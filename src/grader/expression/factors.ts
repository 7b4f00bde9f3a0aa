import { readNumberWords } from '../normalise/number-words.ts';
import type { Rational } from '../number/rational.ts';
import { command, word } from './commands.ts';
import { type Cursor, call, literal } from './cursor.ts';
import type { Expression } from './expression.ts';
import { absolute, bracketed, exponent, group } from './grouping.ts';
import { isMixedAhead } from './lookahead.ts';
import type { Token } from './tokens.ts';

export function factor(c: Cursor): Expression {
  if (isMixedAhead(c) && c.tokens[c.at - 1]?.kind === 'number') {
    const numerator = primary(c);
    c.at++;
    return { kind: 'divide', numerator, denominator: primary(c) };
  }
  return postfix(c, primary(c));
}

function postfix(c: Cursor, base: Expression): Expression {
  let result = base;
  while (c.failure === undefined) {
    if (c.isOperator('^') || c.isOperator('**')) {
      c.at++;
      if (isDegreeMark(c, result)) result = degrees(c, result);
      else if (c.isOperator("'") || c.isCommand('prime')) c.at++;
      else result = { kind: 'power', base: result, exponent: exponent(c) };
    } else if (c.isCommand('circ') || c.isCommand('degree')) {
      result = degrees(c, result, true);
    } else if (c.isOperator('!')) {
      c.at++;
      result = call('factorial', result);
    } else if (c.isOperator('!!')) {
      c.at++;
      result = call('double-factorial', result);
    } else if (c.isOperator('%')) {
      c.at++;
      result = call('percent', result);
    } else if (c.isOperator('_') && result.kind === 'number') {
      c.at++;
      result = call('in-base', result, group(c));
    } else break;
  }
  return result;
}

function isDegreeMark(c: Cursor, of: Expression): boolean {
  // `60^o`.
  if (of.kind === 'number' && c.peek()?.kind === 'word' && c.peek()?.text === 'o') return true;
  if (c.isCommand('circ') || c.isCommand('degree')) return true;
  const next = c.tokens[c.at + 1];
  return c.isOperator('{') && next?.kind === 'command' && next.text === 'circ' && c.tokens[c.at + 2]?.text === '}';
}

/** After a number: `^\circ`, then perhaps minutes `30'`. */
function degrees(c: Cursor, of: Expression, isBare = false): Expression {
  c.at += !isBare && c.isOperator('{') ? 3 : 1;
  const [minutes, mark] = [c.tokens[c.at], c.tokens[c.at + 1]];
  if (c.at + 1 < c.to && minutes?.kind === 'number' && minutes.value && mark?.text === "'") {
    c.at += 2;
    const part: Expression = {
      kind: 'divide',
      numerator: numberOf(minutes, minutes.value),
      denominator: literal(60n),
    };
    return call('degree', { kind: 'add', terms: [of, part] });
  }
  // `7^\circ C`: the unit of a temperature.
  if (c.at + 1 === c.to && minutes?.kind === 'word' && /^[CF]$/.test(minutes.text)) c.at++;
  return call('degree', of);
}

export function primary(c: Cursor): Expression {
  const token = c.peek();
  if (token === undefined) return c.fail('incomplete');
  switch (token.kind) {
    case 'number':
      c.at++;
      return token.value ? numberOf(token, token.value) : c.fail('huge-number');
    case 'word':
      return word(c, token);
    case 'command':
      return command(c, token.text);
    case 'operator':
      if (token.text === '(' || token.text === '{' || token.text === '[') return bracketed(c);
      if (token.text === '|' || token.text === '\\|') {
        c.at++;
        return absolute(c, token.text, token.text);
      }
      return c.fail('operator');
    case 'text': {
      const value = readNumberWords(token.text);
      if (value === undefined) return c.fail('text');
      c.at++;
      return literal(BigInt(value));
    }
    case 'begin':
    case 'end':
      return c.fail(token.kind);
  }
}

function numberOf(token: Token, value: Rational): Expression {
  return { kind: 'number', value, decimals: token.decimals ?? 0, significant: token.significant ?? 1 };
}
