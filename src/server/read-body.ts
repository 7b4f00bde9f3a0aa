import type { Context } from 'hono';
import { ApiError } from './api-error.ts';

/** The JSON of a request; an empty body is `{}`. Throws `ApiError` `bad-request` on anything else. */
export async function readBody(context: Context): Promise<unknown> {
  const text = await context.req.text();
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError('bad-request', 'the body is not JSON');
  }
}
