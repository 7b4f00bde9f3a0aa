/** The seam of a curriculum: which problems an iteration takes. */

/** What a curriculum remembers between iterations: JSON that only the curriculum reads. 0 is the start of each of them. */
export type CurriculumState =
  | null
  | boolean
  | number
  | string
  | readonly CurriculumState[]
  | { readonly [name: string]: CurriculumState };

export interface TakeRequest {
  /** Number of problems to take from. */
  readonly size: number;
  /** Problems wanted. */
  readonly count: number;
  readonly seed: string;
}

export interface Taken {
  /** Distinct indices below `size`, at least one and at most `count`. */
  readonly problems: readonly number[];
  /** The state that the next iteration takes from. */
  readonly state: CurriculumState;
}

export interface Curriculum {
  /** A function of its arguments alone: a resumed campaign takes the same problems. */
  take(state: CurriculumState, request: TakeRequest): Taken;
}
