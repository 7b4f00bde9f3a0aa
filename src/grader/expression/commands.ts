import { isShortWord } from '../normalise/prose.ts';
import { functionCall, opaque } from './calls.ts';
import { type Cursor, call, letter } from './cursor.ts';
import type { Expression } from './expression.ts';
import { absolute, group } from './grouping.ts';
import { DECORATIONS, FUNCTIONS, OPAQUE_COMMANDS, SYMBOL_COMMANDS } from './names.ts';
import { prefixed, subscript, symbol } from './symbols.ts';
import type { Token } from './tokens.ts';

/** Words and LaTeX commands: functions, constants, symbols. */

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
  const size = token.isProduct ? 1 : leadingName(token.text);
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
