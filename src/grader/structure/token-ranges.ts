import type { Token } from '../expression/tokens.ts';

/** Helpers over a range of tokens; brackets of any sort nest. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

function depthChange(token: Token): number {
  switch (token.kind) {
    case 'begin':
      return 1;
    case 'end':
      return -1;
    case 'operator':
    case 'command':
      return bracketDepth(token.text);
    default:
      return 0;
  }
}

function bracketDepth(name: string): number {
  switch (name) {
    case '(':
    case '[':
    case '{':
    case '\\{':
    case 'langle':
    case 'lbrace':
      return 1;
    case ')':
    case ']':
    case '}':
    case '\\}':
    case 'rangle':
    case 'rbrace':
      return -1;
    default:
      return 0;
  }
}

/** Pieces of a range between separators outside brackets; empty pieces are left out. */
export function splitAtTop(
  tokens: readonly Token[],
  range: Range,
  isSeparator: (token: Token, at: number) => boolean,
): Range[] {
  const pieces: Range[] = [];
  let depth = 0;
  let from = range.from;
  for (let at = range.from; at < range.to; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    const change = depthChange(token);
    depth += change;
    if (depth === 0 && change === 0 && isSeparator(token, at)) {
      if (at > from) pieces.push({ from, to: at });
      from = at + 1;
    }
  }
  if (range.to > from) pieces.push({ from, to: range.to });
  return pieces;
}

/** Positions outside brackets that pass a test. */
export function findAtTop(
  tokens: readonly Token[],
  range: Range,
  test: (token: Token, at: number) => boolean,
): number[] {
  const found: number[] = [];
  let depth = 0;
  for (let at = range.from; at < range.to; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    const change = depthChange(token);
    depth += change;
    if (depth === 0 && change === 0 && test(token, at)) found.push(at);
  }
  return found;
}

/** Whether the first token's bracket closes at the last token of the range. */
export function isBracketed(tokens: readonly Token[], range: Range): boolean {
  const first = tokens[range.from];
  if (first === undefined || range.to - range.from < 2 || depthChange(first) !== 1) return false;
  let depth = 0;
  for (let at = range.from; at < range.to; at++) {
    const token = tokens[at];
    if (token) depth += depthChange(token);
    if (depth === 0) return at === range.to - 1;
  }
  return false;
}

export function rangeText(tokens: readonly Token[], range: Range): string {
  let text = '';
  for (let at = range.from; at < range.to; at++) {
    const token = tokens[at];
    if (!token) continue;
    const isWordLike = token.kind === 'word' || token.kind === 'text' || token.kind === 'number';
    text += `${token.isSpaced || (isWordLike && at > range.from && tokens[at - 1]?.kind === 'text') ? ' ' : ''}${token.kind === 'command' ? `\\${token.text} ` : token.text}`;
  }
  return text.trim();
}
