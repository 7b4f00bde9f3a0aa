import type { Token } from '../expression/tokens.ts';
import { isForAll, qualifierStart } from './connectives.ts';
import { isOperator, relationSign } from './token-kinds.ts';
import { findAtTop, type Range } from './token-ranges.ts';

/** Cuts conditions and explanations: `f(x)=x for all x, f(x)=0 for all x, where …`. */
export function withoutQualifiers(tokens: readonly Token[], pieces: readonly Range[]): Range[] {
  const kept: Range[] = [];
  for (const piece of pieces.flatMap((whole) => withoutBracketedNote(tokens, whole))) {
    const cut = findAtTop(
      tokens,
      piece,
      (token, at) => (at > piece.from || kept.length > 0) && qualifierStart(token, tokens[at - 1]),
    )[0];
    if (cut === undefined) kept.push(piece);
    else {
      if (cut > piece.from) kept.push({ from: piece.from, to: cut });
      if (!isForAll(tokens[cut])) break;
    }
  }
  return kept;
}

/** `2n (n \in \mathbb{N})`: a condition in brackets at the end becomes a piece of its own. */
function withoutBracketedNote(tokens: readonly Token[], piece: Range): Range[] {
  const last = tokens[piece.to - 1];
  if (!isOperator(last, ')')) return [piece];
  let open = piece.to - 1;
  let depth = 0;
  for (; open >= piece.from; open--) {
    if (isOperator(tokens[open], ')', ']', '}')) depth++;
    if (isOperator(tokens[open], '(', '[', '{') && --depth === 0) break;
  }
  const inside = { from: open + 1, to: piece.to - 1 };
  const isNote =
    open > piece.from &&
    isOperator(tokens[open], '(') &&
    !isOperator(tokens[open - 1], '|', '&') &&
    findAtTop(tokens, inside, (token) => {
      const sign = relationSign(token);
      return sign !== undefined && sign !== '=' && sign !== '|' && sign !== 'mod';
    }).length > 0;
  return isNote ? [{ from: piece.from, to: open }, inside] : [piece];
}
