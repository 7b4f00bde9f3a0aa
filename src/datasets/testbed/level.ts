import type { Random } from '../random.ts';

/** The 11 families of the testbed. For analysis only: a family never reaches training. */
export type Family =
  | 'multiplication'
  | 'power-modulo'
  | 'divisor-sum'
  | 'gcd'
  | 'series'
  | 'word'
  | 'linear'
  | 'last-digit'
  | 'weekday'
  | 'units'
  | 'polygon';

/** The arm that the demonstrations favour at a level. `both`: both arms solve it. */
export type FavouredArm = 'cot' | 'code' | 'both';

/** One question with its exact answer, a correct chain of thought, and code in the family's habit (possibly broken). */
export interface Draw {
  readonly problem: string;
  readonly answer: string;
  /** Text before `\boxed{}`; always ends in a full stop and leads to the right answer. */
  readonly cot: string;
  readonly code: string;
}

/** Problems of one family and one difficulty. */
export interface Level {
  readonly family: Family;
  readonly name: string;
  readonly favoured: FavouredArm;
  /** Share among the levels that EM draws from; for a level that EM never sees, among the unseen ones. */
  readonly weight: number;
  /** `false`: only the warm start and the `unseen` split have it (difficulty generalisation). */
  readonly seenByEm: boolean;
  readonly draw: (random: Random) => Draw;
}
