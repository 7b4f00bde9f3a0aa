/** The interface of a curriculum, which selects the problems of an iteration. */

/** The state of a curriculum between iterations: JSON that only the curriculum reads. Every curriculum starts with 0. */
export type CurriculumState =
  | null
  | boolean
  | number
  | string
  | readonly CurriculumState[]
  | { readonly [name: string]: CurriculumState };

export interface TakeRequest {
  /** Number of problems in the training set. */
  readonly size: number;
  /** Problems wanted. */
  readonly count: number;
  readonly seed: string;
}

export interface Taken {
  /** Distinct indices below `size`, at least one and at most `count`. */
  readonly problems: readonly number[];
  /** The state for the next iteration. */
  readonly state: CurriculumState;
}

export interface Curriculum {
  /** Pure, so that a resumed campaign takes the same problems. */
  take(state: CurriculumState, request: TakeRequest): Taken;
}
