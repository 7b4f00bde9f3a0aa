import type { Token } from '../expression/tokens.ts';
import type { Answer } from './structure.ts';
import type { Range } from './token-ranges.ts';

/** Reads a part of an answer. The parser hands its own functions to the rules for brackets and special forms. */
export interface Reading {
  /** One value, relation, group or text. */
  readonly item: (tokens: readonly Token[], range: Range, nesting: number) => Answer;
  /** Anything, lists included. */
  readonly range: (tokens: readonly Token[], range: Range, nesting: number) => Answer;
}
