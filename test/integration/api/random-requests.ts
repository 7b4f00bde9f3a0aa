/** Requests that nobody should send, from a seed: every route and method, with paths, queries, headers and bodies gone wrong. */
import { createRandom, type Random } from '../../../src/formats/random.ts';

export interface RandomRequest {
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RequestParts {
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  readonly token: string;
  readonly host: string;
  /** Names and values that mean something here, for paths, queries and bodies that are right up to a point. */
  readonly known: readonly string[];
  /** Bodies that are right, to be spoilt. */
  readonly bodies: readonly unknown[];
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const QUERY_NAMES =
  'campaign checkpoint iteration left right arm grade end problem id offset limit page from to kind name'.split(' ');
const NASTY = [
  ...['', ' ', '0', '-1', '1e309', 'NaN', '99999999999999999999', '2147483648', '1.5', 'true', 'null', '__proto__'],
  ...[
    'constructor',
    '..',
    '../../etc/passwd',
    '/etc/passwd',
    '/dev/zero',
    '/proc/self/mem',
    '.',
    'a/b',
    '%',
    '%00',
    '%ff',
  ],
  ...['\u0000', 'a\u0000b', '\ud800', '💥', "'; drop table facts; --", '<script>', 'sha256:', 'deadbeef'],
  ...[
    'x'.repeat(300),
    'x'.repeat(10_000),
    '\r\nx-evil: 1',
    '٣',
    'ｆｕｌｌ',
    '{}',
    '[]',
    '@1',
    'em@',
    'em/1',
    'eval/x/y/z',
  ],
];
/** They read or rewrite everything, by design: here they are knocked at without the token alone. */
const EXPENSIVE = /rebuild|\/store\//;
const OVERSIZE_BYTES = 1024 * 1024 + 1;

/** Endless; equal seeds give equal requests. */
export function* randomRequests(seed: string, parts: RequestParts): Generator<RandomRequest> {
  const random = createRandom(seed);
  for (;;) {
    const route = pick(random, parts.routes);
    const method = random.next() < 0.75 && route.method !== 'ALL' ? route.method : pick(random, METHODS);
    const body = method === 'GET' || method === 'HEAD' ? undefined : randomBody(random, parts);
    const path = `${fillPath(random, route.path, parts.known)}${randomQuery(random, parts.known)}`;
    const headers = randomHeaders(random, parts);
    if (EXPENSIVE.test(route.path)) delete headers.authorization;
    yield { method, path, headers, ...(body === undefined ? {} : { body }) };
  }
}

const pick = <T>(random: Random, items: readonly T[]): T => {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

const word = (random: Random, known: readonly string[]): string => pick(random, random.next() < 0.5 ? known : NASTY);

/** Percent-encoded as a client would, or not at all. */
function encode(random: Random, text: string): string {
  if (random.next() < 0.2) return text.replace(/[\s?#\p{Cc}\p{Cs}]/gu, '%');
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '?'));
}

function fillPath(random: Random, pattern: string, known: readonly string[]): string {
  const filled = pattern
    .replace(/:\w+(\{[^}]*\})?/g, () => encode(random, word(random, known)))
    .replaceAll('*', () => encode(random, word(random, known)));
  const extra = random.next() < 0.1 ? `/${encode(random, word(random, known))}` : '';
  return `${filled}${extra}` || '/';
}

function randomQuery(random: Random, known: readonly string[]): string {
  if (random.next() < 0.4) return '';
  const pairs = Array.from({ length: 1 + random.below(4) }, () => {
    const name = random.next() < 0.85 ? pick(random, QUERY_NAMES) : encode(random, word(random, known));
    return `${name}=${encode(random, word(random, known))}`;
  });
  return `?${pairs.join('&')}`;
}

function randomHeaders(random: Random, { token, host }: RequestParts): Record<string, string> {
  const chance = random.next();
  const access: Record<string, string> =
    chance < 0.88
      ? { authorization: `Bearer ${token}` }
      : chance < 0.92
        ? { authorization: pick(random, ['Bearer', 'Bearer ', `Bearer ${token}x`, 'Basic QTpC', `bearer  ${token}`]) }
        : chance < 0.96
          ? { cookie: pick(random, ['whencode_session=', 'whencode_session=a.b', 'whencode_session=%', ';=;=;']) }
          : {};
  const type = pick(random, ['application/json', 'application/json', 'text/plain', 'multipart/form-data', 'a/b; c=']);
  return {
    ...access,
    host: random.next() < 0.97 ? host : 'evil.example',
    ...(random.next() < 0.7 ? { 'content-type': type } : {}),
    ...(random.next() < 0.3 ? { accept: pick(random, ['text/html', '*/*', 'text/event-stream', '']) } : {}),
  };
}

function randomBody(random: Random, parts: RequestParts): string {
  const chance = random.next();
  if (chance < 0.005) return `{"x":"${'x'.repeat(OVERSIZE_BYTES)}"}`;
  if (chance < 0.1)
    return pick(random, ['', '{', 'null', '[]', '"x"', '1e999', '\u0000', '{"a":1}}', '[[[['.repeat(5000)]);
  const right = structuredClone(pick(random, parts.bodies));
  const text = JSON.stringify(chance < 0.2 ? right : spoil(random, right, parts.known));
  return random.next() < 0.05 ? text.slice(0, random.below(text.length + 1)) : text;
}

/** Changes, drops or adds one thing somewhere inside. */
function spoil(random: Random, value: unknown, known: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || random.next() < 0.15) return randomValue(random, known);
  const key = Array.isArray(value) ? `${random.below(value.length + 1)}` : pickKey(random, Object.keys(value));
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  if (random.next() < 0.15) delete copy[key];
  else copy[key] = spoil(random, copy[key], known);
  return copy;
}

const pickKey = (random: Random, keys: readonly string[]): string =>
  keys.length === 0 || random.next() < 0.1 ? pick(random, NASTY) : pick(random, keys);

function randomValue(random: Random, known: readonly string[]): unknown {
  return pick<() => unknown>(random, [
    () => word(random, known),
    () => pick(random, [0, -1, 1, 2 ** 31, 2 ** 53, 1e300, -0.5, 0.5, 1e7]),
    () => pick(random, [null, true, false, [], {}, [[]], [null]]),
    () => ({ [pick(random, NASTY)]: word(random, known) }),
    () => Array.from({ length: random.below(4) }, () => word(random, known)),
  ])();
}
