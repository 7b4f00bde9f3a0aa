import { readNumberWords } from '../normalise/number-words.ts';
import type { Rational } from '../number/rational.ts';
import { type Cursor, call, literal, MAX_DEPTH } from './cursor.ts';
import type { Expression } from './expression.ts';
import { FUNCTIONS } from './names.ts';
import { isMixedAhead, signedFactor, sum } from './parser.ts';
import { command, letter, word } from './symbols.ts';
import type { Token } from './tokens.ts';

const PAIRS: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['\\{', '\\}'],
]);

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

export function exponent(c: Cursor): Expression {
  if (c.isOperator('{') || c.isOperator('(')) return primary(c);
  if (c.isOperator('-') || c.isOperator('+')) return signedFactor(c);
  return primary(c);
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
  if (c.isOperator('-')) return signedFactor(c);
  return primary(c);
}

export function bracketed(c: Cursor): Expression {
  const open = c.peek()?.text ?? '';
  const close = PAIRS.get(open);
  if (++c.depth > MAX_DEPTH) return c.fail('too-deep');
  c.at++;
  const bars = c.bars;
  c.bars = 0;
  const [only] = [sum(c)];
  c.bars = bars;
  if (c.isCommand('choose')) {
    c.at++;
    const below = sum(c);
    if (!c.isOperator(close ?? '')) return c.fail('bracket');
    c.at++;
    c.depth--;
    return call('binomial', only, below);
  }
  if (c.isCommand('over')) {
    c.at++;
    const denominator = sum(c);
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
  const result = [sum(c)];
  while (c.isOperator(',')) {
    c.at++;
    result.push(sum(c));
  }
  if (!c.isOperator(')') && !c.isOperator('\\}') && !c.isOperator(']')) c.fail('bracket');
  c.at++;
  return result;
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

export function absolute(c: Cursor, open: string, close: string): Expression {
  c.bars++;
  const inner = sum(c);
  c.bars--;
  const token = c.peek();
  if (token?.text !== close) return c.fail('bracket');
  c.at++;
  return call(open === 'lfloor' ? 'floor' : open === 'lceil' ? 'ceil' : 'abs', inner);
}

function numberOf(token: Token, value: Rational): Expression {
  return { kind: 'number', value, decimals: token.decimals ?? 0, significant: token.significant ?? 1 };
}
