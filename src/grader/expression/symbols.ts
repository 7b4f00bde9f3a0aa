import { isShortWord } from '../normalise/prose.ts';
import { functionCall, opaque } from './calls.ts';
import { type Cursor, call } from './cursor.ts';
import type { Expression } from './expression.ts';
import { absolute, argumentsInBrackets, group } from './factors.ts';
import { DECORATIONS, FUNCTIONS, OPAQUE_COMMANDS, SYMBOL_COMMANDS } from './names.ts';
import type { Token } from './tokens.ts';

/** Letters before a bracket that mean a function, as in `f(x)`. */
const FUNCTION_LETTERS = new Set(['f', 'g', 'h', 'F', 'G', 'H']);

export function word(c: Cursor, token: Token): Expression {
  const name = FUNCTIONS.get(token.text);
  if (name !== undefined) {
    c.at++;
    return functionCall(c, name);
  }
  if (token.text === 'pi' || token.text === 'Pi') {
    c.at++;
    return { kind: 'constant', name: 'pi' };
  }
  if (token.text === 'infinity' || token.text === 'inf' || token.text === 'oo') {
    c.at++;
    return { kind: 'constant', name: 'infinity' };
  }
  const size = leadingName(token.text);
  if (size === 0) return c.fail('word');
  if (size < token.text.length) {
    // `xsin`, `ab`, `npi`: read the first part, leave the rest as a token of its own.
    const first = { ...token, text: token.text.slice(0, size) };
    c.leave(token, token.text.slice(size));
    if (size > 1) {
      const function_ = FUNCTIONS.get(first.text);
      return function_ === undefined ? { kind: 'constant', name: 'pi' } : functionCall(c, function_);
    }
    return letter(first.text);
  }
  c.at++;
  return symbol(c, token.text);
}

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

export function command(c: Cursor, name: string): Expression {
  c.at++;
  if (name === 'frac') return { kind: 'divide', numerator: group(c), denominator: group(c) };
  if (name === 'pi') return { kind: 'constant', name: 'pi' };
  if (name === 'infty') return { kind: 'constant', name: 'infinity' };
  if (name === 'binom') return call('binomial', group(c), group(c));
  if (name === 'lfloor') return absolute(c, 'lfloor', 'rfloor');
  if (name === 'lceil') return absolute(c, 'lceil', 'rceil');
  if (name === 'lvert') return absolute(c, 'lvert', 'rvert');
  if (name === 'lVert' || name === 'Vert') return absolute(c, name, name === 'Vert' ? 'Vert' : 'rVert');
  const function_ = FUNCTIONS.get(name);
  if (function_ !== undefined && name !== 'gamma') return functionCall(c, function_);
  if (OPAQUE_COMMANDS.has(name)) return opaque(c, name);
  if (DECORATIONS.has(name)) return symbol(c, `${name}:${c.isOperator('{') ? subscript(c) : subscript(c)}`);
  if (name === 'Delta' || name === 'angle' || name === 'triangle') return prefixed(c, name);
  if (SYMBOL_COMMANDS.has(name)) return symbol(c, name.replace(/^var/, ''));
  return c.fail('command');
}

/** `\\Delta p`, `\\angle ABC`: one symbol. */
function prefixed(c: Cursor, name: string): Expression {
  const token = c.peek();
  if (token?.kind === 'word' && (name !== 'Delta' || token.text.length === 1)) {
    c.at++;
    return symbol(c, `${name}:${token.text}`);
  }
  return symbol(c, name);
}

/** Length of the function name, `pi` or letter that a run of letters begins with; 0 for what looks like a word. */
function leadingName(run: string): number {
  for (let size = Math.min(6, run.length); size > 1; size--) {
    const head = run.slice(0, size);
    if (head === 'pi' || (size > 2 && FUNCTIONS.has(head)) || (head === 'ln' && run.length > 2)) return size;
  }
  if (run.length > 1 && isShortWord(run)) return 0;
  // Names of people.
  if (/^[A-Z][a-z][a-z]$/.test(run)) return 0;
  if (run.length <= 3) return 1;
  // `abcd`, `mgRh`: no words.
  if (run.length <= 6 && (!/[aeiouAEIOU]/.test(run) || /^(?:[a-d]+|[p-t]+|[u-z]+)$/.test(run))) return 1;
  return /(?:sin|cos|tan|log|ln|sqrt|pi|exp)[a-zA-Z]{0,2}$/.test(run) && run.length <= 7 ? 1 : 0;
}

export function letter(name: string): Expression {
  if (name === 'e' || name === 'i') return { kind: 'constant', name };
  return { kind: 'symbol', name };
}
