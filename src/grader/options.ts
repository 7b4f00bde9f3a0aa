/**
 * Conventions of a grade: everything that is a matter of agreement and not of mathematics.
 * Resolved options are part of what is stored with every grade. Table of defaults: {@link DEFAULT_OPTIONS}.
 */
export interface GradeOptions {
  /**
   * Where an answer may stand. `box-only`: in the last `\boxed{…}`; without one the answer is `incorrect` (`no-answer`).
   * `any`: boxed, `####`, an answer phrase, formatted mathematics, a closing number, or the whole text.
   */
  readonly extraction: 'box-only' | 'any';
  /** Whether `3, 1` answers `1, 3`. Tuples and intervals are always ordered, sets never. */
  readonly listOrder: 'free' | 'fixed';
  /**
   * `rounding`: a decimal gold of 3 significant digits or 2 decimals accepts what rounds or truncates to it, and an
   * exact gold that is no integer accepts decimals of `minSignificantDigits` that are rounded or truncated correctly. `exact`: neither.
   */
  readonly decimals: 'rounding' | 'exact';
  /** See `decimals`. */
  readonly minSignificantDigits: number;
  /** Accepted relative error between plain numbers; 0 = none. */
  readonly relativeTolerance: number;
  /** `marked`: where one side has a percent sign, `28%`, `28` and `0.28` are the same; `strict`: `28%` is 0.28 only. */
  readonly percent: 'marked' | 'strict';
  /** `lenient`: a unit may be missing on one side, two known units must agree after conversion; `required`: as the gold has it. */
  readonly units: 'lenient' | 'required';
  /** Whether an integer gold wants a literal: `2+2` doesn't answer `4`. */
  readonly integerGold: 'literal' | 'any';
  /** Option texts by letter (`{A: '5', B: '7'}`): an answer may then give the text for the letter. */
  readonly choices?: Readonly<Record<string, string>>;
}

export const DEFAULT_OPTIONS: GradeOptions = {
  extraction: 'any',
  listOrder: 'free',
  decimals: 'rounding',
  minSignificantDigits: 4,
  relativeTolerance: 0,
  percent: 'marked',
  units: 'lenient',
  integerGold: 'any',
};

export function resolveOptions(options: Partial<GradeOptions> = {}): GradeOptions {
  return { ...DEFAULT_OPTIONS, ...options };
}
