import type { Context, MiddlewareHandler } from 'hono';
import { UseCaseError } from '../campaigns/use-case-error.ts';

class NulError extends Error {}

/** The database takes no text with it, in whatever place. */
const NUL = '\u0000';
const holdsNul = (text: string): boolean => text.includes(NUL);

/** Refuses addresses that no text could be: every part of them may be looked up. */
export const refuseNul: MiddlewareHandler = async (context, next) => {
  if (/%00/.test(context.req.url) || holdsNul(context.req.url))
    throw new UseCaseError('bad-request', 'the address holds a NUL character (%00); leave it out');
  await next();
};

/** The JSON of a request; an empty body is `{}`. Throws `UseCaseError` `bad-request` on anything else. */
export async function readBody(context: Context): Promise<unknown> {
  const text = await context.req.text();
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text, (key, item) => {
      if (holdsNul(key) || (typeof item === 'string' && holdsNul(item))) throw new NulError();
      return item;
    });
  } catch (error) {
    if (error instanceof NulError)
      throw new UseCaseError('bad-request', 'a text in the body holds a NUL character; leave it out');
    throw new UseCaseError('bad-request', 'the body is not JSON');
  }
  return value;
}
