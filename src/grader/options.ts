import { z } from 'zod';

const fields = {
  extraction: z
    .enum(['any', 'box-only'])
    .describe(
      'Where an answer may stand. `any`: in the last box, after `####` or an answer phrase, as the last formula or number. `box-only`: in the last box; without one the answer is wrong',
    ),
  listOrder: z
    .enum(['free', 'fixed'])
    .describe('Whether `3, 1` answers `1, 3`. Tuples and intervals are always ordered, sets never'),
  decimals: z
    .enum(['rounding', 'exact'])
    .describe(
      '`rounding`: a decimal gold takes an exact value that rounds to it (2 digits and more) and a finer rounded decimal (3 and more); an exact gold that is no integer takes decimals of `minSignificantDigits`; doubles such as `0.30000000000000004` are what they stand for. `exact`: none of these',
    ),
  minSignificantDigits: z.int().min(1).max(20).describe('Digits that a rounded decimal needs to answer an exact gold'),
  relativeTolerance: z.number().min(0).max(1).describe('Accepted relative error between plain numbers'),
  percent: z
    .enum(['marked', 'strict'])
    .describe(
      '`marked`: where one side has a percent sign, `28%`, `28` and `0.28` are the same; `strict`: `28%` is 0.28 only',
    ),
  units: z
    .enum(['lenient', 'required'])
    .describe(
      '`lenient`: a unit may be missing on one side, two known units must agree; `required`: as the gold has it',
    ),
  integerGold: z.enum(['any', 'literal']).describe('`literal`: `2+2` does not answer `4`'),
};

/** What may be set, without the defaults: for settings that only say what differs. */
export const conventionFields = z.strictObject(fields).partial();

/**
 * Conventions of a grade: everything that is a matter of agreement and not of mathematics. One schema is the `grading` section of a
 * campaign file, `--set` of the command line, the table of defaults and what is stored with every grade.
 */
export const gradingSchema = z.strictObject({
  extraction: fields.extraction.default('any'),
  listOrder: fields.listOrder.default('free'),
  decimals: fields.decimals.default('rounding'),
  minSignificantDigits: fields.minSignificantDigits.default(4),
  relativeTolerance: fields.relativeTolerance.default(0),
  percent: fields.percent.default('marked'),
  units: fields.units.default('lenient'),
  integerGold: fields.integerGold.default('any'),
});

/** Conventions that a campaign can choose. */
export type Conventions = z.infer<typeof gradingSchema>;

export interface GradeOptions extends Readonly<Conventions> {
  /** Option texts by letter (`{A: '5', B: '7'}`): an answer may then give the text for the letter. */
  readonly choices?: Readonly<Record<string, string>>;
}

export const DEFAULT_OPTIONS: GradeOptions = gradingSchema.parse({});

export function resolveOptions(options: Partial<GradeOptions> = {}): GradeOptions {
  return { ...DEFAULT_OPTIONS, ...options };
}

/** The conventions that differ from the defaults; undefined where none does, so that default settings leave no trace in step keys. */
export function changedConventions(options: Partial<GradeOptions> | undefined): Partial<Conventions> | undefined {
  const changed = Object.entries(options ?? {}).filter(
    ([name, value]) => value !== undefined && value !== DEFAULT_OPTIONS[name as keyof Conventions],
  );
  return changed.length === 0 ? undefined : (Object.fromEntries(changed) as Partial<Conventions>);
}
