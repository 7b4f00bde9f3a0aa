/**
 * The contract of an activity in one place: the schema of its input, from which the type follows, and the type of its
 * result. Workflows take the types of their proxies from it, activities their parsing.
 */
import { z } from 'zod';

declare const RESULT: unique symbol;

export interface ActivityContract<Input, Result> {
  readonly input: z.ZodType<Input>;
  /** For the type alone. */
  readonly [RESULT]?: Result;
}

/**
 * @example
 * const counting = { countWords: returning<number>().for(z.strictObject({ text: z.string() })) };
 * // (input: { text: string }) => Promise<number>
 * type CountWords = ActivitiesOf<typeof counting>['countWords'];
 */
export const returning = <Result>() => ({
  for: <Input>(input: z.ZodType<Input>): ActivityContract<Input, Result> => ({ input }),
});

export type InputOf<C> = C extends { readonly input: z.ZodType<infer Input> } ? Input : never;
export type ResultOf<C> = C extends { readonly [RESULT]?: infer Result } ? Result : never;

/** The activities of a contract, as they are called. */
export type ActivitiesOf<C> = { readonly [Name in keyof C]: (input: InputOf<C[Name]>) => Promise<ResultOf<C[Name]>> };

/** Payloads of workflows that began under an earlier version may have these obsolete fields, which are ignored. */
export const withoutFields = <Input>(fields: readonly string[], schema: z.ZodType<Input>): z.ZodType<Input> =>
  z.preprocess(
    (payload) =>
      typeof payload === 'object' && payload !== null
        ? Object.fromEntries(Object.entries(payload).filter(([name]) => !fields.includes(name)))
        : payload,
    schema,
  );
