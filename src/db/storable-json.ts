/**
 * Makes a JSON value storable: PostgreSQL rejects NUL characters and unpaired surrogates in texts, so each becomes U+FFFD.
 *
 * @example storableJson({ reason: 'a\u0000b' }); // { reason: 'a\uFFFDb' }
 */
export function storableJson<T>(value: T): T {
  return clean(value) as T;
}

const cleanText = (text: string): string => text.replaceAll('\u0000', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');

function clean(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), clean(item)]));
}
