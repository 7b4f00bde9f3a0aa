import { RELATIONS } from '../expression/names.ts';
import type { Token } from '../expression/tokens.ts';
import { isSeparatorWord } from './connectives.ts';
import type { Range } from './token-ranges.ts';

/** What may stand in a range of tokens, as bits: readers of structures that need something else aren't asked. */
export const HAS = {
  relation: 1,
  modulus: 2,
  setOperation: 4,
  /** `|` or `&`, as Python joins relations. */
  logic: 8,
  /** `U` for a union. */
  unionLetter: 16,
  environment: 32,
  /** `:` or `to`. */
  ratio: 64,
  separator: 128,
} as const;

type Entry = readonly [name: string, bits: number];

const relations = [...RELATIONS].filter(([, sign]) => sign !== '|').map(([name]): Entry => [name, HAS.relation]);
const SET_OPERATIONS = 'cup cupdot bigcup sqcup uplus lor setminus backslash smallsetminus cap'.split(' ');

const OPERATORS: ReadonlyMap<string, number> = new Map<string, number>([
  ...relations,
  ['|', HAS.logic],
  ['&', HAS.logic],
  [':', HAS.ratio],
  [',', HAS.separator],
  [';', HAS.separator],
  ['\\;', HAS.separator],
]);
const COMMANDS: ReadonlyMap<string, number> = new Map<string, number>([
  ...relations.map(([name, bits]): Entry => [name.slice(1), bits]),
  ...SET_OPERATIONS.map((name): Entry => [name, HAS.setOperation]),
  ['colon', HAS.ratio],
  ['to', HAS.ratio],
  ['mod', HAS.modulus],
  ['pmod', HAS.modulus],
]);
const WORDS: ReadonlyMap<string, number> = new Map([
  ['U', HAS.unionLetter],
  ['to', HAS.ratio],
  ['mod', HAS.modulus],
  ['pmod', HAS.modulus],
]);

function bitsOf(token: Token): number {
  switch (token.kind) {
    case 'number':
    case 'end':
      return 0;
    case 'begin':
      return HAS.environment;
    case 'operator':
      return OPERATORS.get(token.text) ?? 0;
    case 'command':
      return (COMMANDS.get(token.text) ?? 0) | (isSeparatorWord(token) ? HAS.separator : 0);
    case 'word':
    case 'text':
      return (WORDS.get(token.text) ?? 0) | (isSeparatorWord(token) ? HAS.separator : 0);
  }
}

/** The bits of {@link HAS} for what a range holds at any depth, in one pass. */
export function survey(tokens: readonly Token[], range: Range): number {
  let bits = 0;
  for (let at = range.from; at < range.to; at++) {
    const token = tokens[at];
    if (token !== undefined) bits |= bitsOf(token);
  }
  return bits;
}
