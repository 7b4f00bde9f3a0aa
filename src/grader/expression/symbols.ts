import { type Cursor, call, letter } from './cursor.ts';
import type { Expression } from './expression.ts';
import { argumentsInBrackets } from './grouping.ts';

/** Letters before a bracket that mean a function, as in `f(x)`. */
const FUNCTION_LETTERS = new Set(['f', 'g', 'h', 'F', 'G', 'H']);

/** A symbol with subscripts, primes and, for function letters, arguments. */
export function symbol(c: Cursor, base: string): Expression {
  let name = base;
  while (c.isOperator('_')) {
    c.at++;
    name += `_${subscript(c)}`;
  }
  while (c.isOperator("'") || (c.isOperator('^') && c.tokens[c.at + 1]?.text === 'prime')) {
    c.at += c.isOperator('^') ? 2 : 1;
    name += "'";
  }
  if (
    c.isOperator('^') &&
    c.tokens[c.at + 1]?.text === '{' &&
    c.tokens[c.at + 2]?.text === 'prime' &&
    c.tokens[c.at + 3]?.text === '}'
  ) {
    c.at += 4;
    name += "'";
  }
  const letter_ = name.replace(/[_'].*$/, '');
  // `f^{-1}(x)`.
  const inverse = [0, 1, 2, 3, 4].map((offset) => c.tokens[c.at + offset]?.text ?? '').join('');
  if (FUNCTION_LETTERS.has(letter_) && inverse === '^{-1}' && c.tokens[c.at + 5]?.text === '(') {
    c.at += 5;
    return call(`function:${name}^-1`, ...argumentsInBrackets(c));
  }
  if (c.isOperator('(') && name === 'Gamma') return call('gamma', ...argumentsInBrackets(c));
  if (c.isOperator('(') && FUNCTION_LETTERS.has(letter_)) return call(`function:${name}`, ...argumentsInBrackets(c));
  return name.length > 1 ? { kind: 'symbol', name } : letter(name);
}

export function subscript(c: Cursor): string {
  if (!c.isOperator('{')) {
    const token = c.peek();
    // `k_BT` is k_B times T.
    if (token?.kind === 'word' && /^[A-Z]{2}$/.test(token.text)) {
      c.leave(token, token.text.slice(1));
      return token.text.slice(0, 1);
    }
    c.at++;
    if (token === undefined) c.fail('incomplete');
    return token?.text ?? '';
  }
  let depth = 0;
  let name = '';
  for (; c.at < c.to; c.at++) {
    const token = c.tokens[c.at];
    if (token === undefined) break;
    if (token.text === '{') depth++;
    else if (token.text === '}') {
      if (--depth === 0) {
        c.at++;
        return name;
      }
    } else name += token.text;
  }
  c.fail('bracket');
  return name;
}

/** `\\Delta p`, `\\angle ABC`: one symbol. */
export function prefixed(c: Cursor, name: string): Expression {
  const token = c.peek();
  if (token?.kind === 'word' && (name !== 'Delta' || token.text.length === 1)) {
    c.at++;
    return symbol(c, `${name}:${token.text}`);
  }
  return symbol(c, name);
}
