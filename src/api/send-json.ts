import type { Context, TypedResponse } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/**
 * An answer whose type for `hc` is the type of the value: everything that the API sends is plain JSON already. (The type
 * of `context.json` turns every optional property into one that may be undefined.)
 */
export const sendJson = <T extends object, S extends ContentfulStatusCode = 200>(
  context: Context,
  value: T,
  status?: S,
): TypedResponse<T, S, 'json'> => context.json(value, status ?? 200) as unknown as TypedResponse<T, S, 'json'>;
