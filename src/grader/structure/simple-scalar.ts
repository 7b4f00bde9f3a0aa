import { FUNCTIONS } from '../expression/names.ts';
import { parseExpression } from '../expression/parser.ts';
import type { Token } from '../expression/tokens.ts';
import type { Scalar } from './structure.ts';
import type { Range } from './token-ranges.ts';
import { isUnitLetter } from './units.ts';

const OPERATORS = new Set(['+', '-', '*', '/', '^', '(', ')', '{', '}', '!', '_', "'"]);
const COMMANDS = new Set(
  'frac sqrt pi cdot times alpha beta gamma theta lambda mu phi omega infty binom ln log sin cos tan'.split(' '),
);

/**
 * Most answers: numbers, letters, arithmetic and nothing that could separate, relate or count. Read at once, without the
 * search for other structure; undefined for anything else.
 */
export function parseSimpleScalar(tokens: readonly Token[], range: Range): Scalar | undefined {
  for (let at = range.from; at < range.to; at++) {
    const token = tokens[at];
    switch (token?.kind) {
      case 'number':
        break;
      case 'word':
        if (
          token.text.length > 1
            ? !FUNCTIONS.has(token.text) || token.text === 'min'
            : token.isSpaced && isUnitLetter(token.text)
        )
          return undefined;
        break;
      case 'operator':
        if (!OPERATORS.has(token.text)) return undefined;
        break;
      case 'command':
        if (!COMMANDS.has(token.text)) return undefined;
        break;
      default:
        return undefined;
    }
  }
  // `P(3)` and the like are read with their neighbours.
  if (tokens[range.from]?.kind === 'word' && tokens[range.from + 1]?.text === '(') return undefined;
  const parsed = parseExpression(tokens, range.from, range.to);
  return 'failure' in parsed ? undefined : { kind: 'scalar', expression: parsed.expression };
}
