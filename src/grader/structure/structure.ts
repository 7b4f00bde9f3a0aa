import type { Expression } from '../expression/expression.ts';
import type { RelationSign } from '../expression/names.ts';

/** What an answer is made of. Everything that can't be read as mathematics is `text`. */
export type Answer = Scalar | Group | List | Union | Matrix | Relation | Ratio | NamedSet | SetBuilder | Time | Text;

export interface Scalar {
  readonly kind: 'scalar';
  readonly expression: Expression;
  /** As written, e.g. `cm^2`, `apples`. */
  readonly unit?: string;
}

/** Something in brackets with separators: tuple, interval or set, whichever the other side makes of it. */
export interface Group {
  readonly kind: 'group';
  readonly open: '(' | '[' | '{' | '<' | ']';
  readonly close: ')' | ']' | '}' | '>' | '[';
  readonly items: readonly Answer[];
  /** Written as Python prints a list, `[1, 2]` with a space: it may stand for a list or a set. */
  readonly isPythonList?: boolean;
}

/** Alternatives or values without brackets. */
export interface List {
  readonly kind: 'list';
  readonly items: readonly Answer[];
  /** The word between all members, where there is one and the same. */
  readonly join?: 'and' | 'or';
}

export interface Union {
  readonly kind: 'union';
  readonly sign: 'union' | 'intersection' | 'difference';
  readonly parts: readonly Answer[];
}

export interface Matrix {
  readonly kind: 'matrix';
  readonly environment: string;
  readonly rows: readonly (readonly Answer[])[];
}

/** `a < b ≤ c`: n sides, n-1 signs. */
export interface Relation {
  readonly kind: 'relation';
  readonly sides: readonly Answer[];
  readonly signs: readonly RelationSign[];
}

export interface Ratio {
  readonly kind: 'ratio';
  readonly parts: readonly Expression[];
}

/** `\mathbb{R}` and the like, the empty set. */
export interface NamedSet {
  readonly kind: 'named-set';
  readonly name: string;
}

/** `{ element | condition }`. */
export interface SetBuilder {
  readonly kind: 'set-builder';
  readonly element: Answer;
  readonly condition: Answer;
}

export interface Time {
  readonly kind: 'time';
  readonly minutes: number;
  readonly half?: 'am' | 'pm';
}

export interface Text {
  readonly kind: 'text';
  readonly text: string;
}

/** Name of what `\ge 8` bounds and `7 \pmod{11}` leaves out. */
export const UNNAMED_SYMBOL = 'unnamed';
export const UNNAMED: Scalar = { kind: 'scalar', expression: { kind: 'symbol', name: UNNAMED_SYMBOL } };
