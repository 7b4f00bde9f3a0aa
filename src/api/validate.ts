/** Validators of requests, with the types of hono's own validator, so that `hc` infers the input of a route. */
import type { Env, MiddlewareHandler } from 'hono';
import type { z } from 'zod';
import { parseAsked } from '../campaigns/use-case-error.ts';
import { describes, type Part } from './describe-route.ts';
import { readBody } from './read-body.ts';

type Validates<P extends Part, S extends z.ZodType> = MiddlewareHandler<
  Env,
  string,
  { in: { [Name in P]: z.input<S> }; out: { [Name in P]: z.output<S> } }
>;

/**
 * Validates the JSON body of a request with any content type; an empty body is `{}`. (hono's validator ignores bodies of
 * other content types.)
 *
 * @example routes.post('/:id/stop', body(stopBody), (context) => stop(context.req.valid('json').when))
 */
export const body = <S extends z.ZodType>(schema: S, what = 'the request'): Validates<'json', S> =>
  describes({ takes: { json: schema } }, async (context, next) => {
    context.req.addValidatedData('json', parseAsked(schema, await readBody(context), what) as object);
    await next();
  });

export const query = <S extends z.ZodType>(schema: S, what = 'the query'): Validates<'query', S> =>
  describes({ takes: { query: schema } }, async (context, next) => {
    context.req.addValidatedData('query', parseAsked(schema, context.req.query(), what) as object);
    await next();
  });

export const param = <S extends z.ZodType>(schema: S, what = 'the address'): Validates<'param', S> =>
  describes({ takes: { param: schema } }, async (context, next) => {
    context.req.addValidatedData('param', parseAsked(schema, context.req.param(), what) as object);
    await next();
  });
