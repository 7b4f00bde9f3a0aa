import type { Context, TypedResponse } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/**
 * A JSON response whose type for `hc` is the type of the value, since the API sends only plain JSON. (The type of
 * `context.json` changes every optional property to one that may be undefined.)
 */
export const sendJson = <T extends object, S extends ContentfulStatusCode = 200>(
  context: Context,
  value: T,
  status?: S,
): TypedResponse<T, S, 'json'> => context.json(value, status ?? 200) as unknown as TypedResponse<T, S, 'json'>;
