import type { Context, MiddlewareHandler } from 'hono';
import { UseCaseError } from '../campaigns/use-case-error.ts';

class NulError extends Error {}

/** NUL characters: the database rejects texts that contain one. */
const NUL = '\u0000';
const holdsNul = (text: string): boolean => text.includes(NUL);

/** Rejects addresses that contain a NUL character, since any part may be looked up in the database. */
export const refuseNul: MiddlewareHandler = async (context, next) => {
  if (/%00/.test(context.req.url) || holdsNul(context.req.url))
    throw new UseCaseError('bad-request', 'the address holds a NUL character (%00); leave it out');
  await next();
};

/** Parses the JSON body of a request; an empty body is `{}`. @throws UseCaseError `bad-request` for any other body */
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
