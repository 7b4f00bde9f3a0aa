import type { Cursor } from './cursor.ts';
import { DECORATIONS, FUNCTIONS, OPAQUE_COMMANDS, SYMBOL_COMMANDS } from './names.ts';
import type { Token } from './tokens.ts';

/** What the next token begins, without reading it. */

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
