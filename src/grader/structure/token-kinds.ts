import { RELATIONS, type RelationSign } from '../expression/names.ts';
import type { Token } from '../expression/tokens.ts';
import { isSeparatorWord } from './connectives.ts';
import type { Answer } from './structure.ts';
import { type Range, rangeText } from './token-ranges.ts';

/** Longest list, set or matrix that is read. */
export const MAX_ITEMS = 200;

export function textOf(tokens: readonly Token[], range: Range): Answer {
  return { kind: 'text', text: rangeText(tokens, range) };
}

export function isOperator(token: Token | undefined, ...texts: string[]): boolean {
  return token?.kind === 'operator' && texts.includes(token.text);
}

export function isListSeparator(token: Token): boolean {
  return isOperator(token, ',', ';', '\\;') || isSeparatorWord(token);
}

const NOISE = new Set([',', ';', '.', ':', '`', '"', '&', '\\', '\\\\']);

function isNoise(token: Token | undefined): boolean {
  if (token === undefined) return false;
  return token.kind === 'operator' ? NOISE.has(token.text) : isSeparatorWord(token);
}

export function trim(tokens: readonly Token[], range: Range): Range {
  let { from, to } = range;
  while (from < to && (isNoise(tokens[from]) || isOperator(tokens[from], '='))) from++;
  while (to > from && isNoise(tokens[to - 1])) to--;
  return { from, to };
}

const RELATION_COMMANDS: ReadonlyMap<string, RelationSign> = new Map(
  [...RELATIONS].map(([name, sign]) => [name.slice(1), sign]),
);

export function relationSign(token: Token): RelationSign | undefined {
  if (token.kind === 'operator') return RELATIONS.get(token.text);
  return token.kind === 'command' ? RELATION_COMMANDS.get(token.text) : undefined;
}

/** A sign of a relation but the bar of a set builder. */
export function isRelationSign(token: Token): boolean {
  const sign = relationSign(token);
  return sign !== undefined && sign !== '|';
}

export function listOf(items: Answer[], join?: 'and' | 'or'): Answer {
  const kept = items.filter((item) => !isDomainNote(item));
  const [only] = kept;
  if (kept.length === 1 && only) return only;
  return { kind: 'list', items: kept.length === 0 ? items : kept, ...(join && { join }) };
}

function isNumberSet(side: Answer | undefined): boolean {
  if (side?.kind === 'named-set') return true;
  const of = side?.kind === 'scalar' ? side.expression : undefined;
  const base = of?.kind === 'power' ? of.base : of;
  return base?.kind === 'symbol' && /^[ZNQRC](?:_.*)?$/.test(base.name);
}

/** `k \in \mathbb{Z}` next to a family of solutions. */
function isDomainNote(item: Answer): boolean {
  return (
    item.kind === 'relation' &&
    item.signs.at(-1) === 'in' &&
    isNumberSet(item.sides.at(-1)) &&
    item.sides[0]?.kind !== 'group'
  );
}
