/**
 * Authentication. Programs send the bearer token of a 0600 file; a browser opens a one-time link, which sets a cookie.
 * The host header is checked, so that a foreign page can't reach the server by DNS rebinding.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { AccessError } from '../api/errors.ts';

export const SESSION_COOKIE = 'whencode_session';
const LINK_LIFETIME_MS = 10 * 60_000;

/** Constant-time comparison. */
function equalSecrets(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHmac('sha256', 'compare').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

/** One-time links and browser sessions. A session is valid as long as the token is. */
export class Sessions {
  readonly #token: string;
  readonly #links = new Map<string, number>();

  constructor(token: string) {
    this.#token = token;
  }

  /** A code for `/open/<code>`: valid once, for ten minutes. */
  createLink(nowMs: number = Date.now()): string {
    for (const [code, expiresMs] of this.#links) if (expiresMs <= nowMs) this.#links.delete(code);
    const code = randomBytes(18).toString('base64url');
    this.#links.set(code, nowMs + LINK_LIFETIME_MS);
    return code;
  }

  /** The cookie's value, or undefined if the code is unknown, used or expired. */
  redeemLink(code: string, nowMs: number = Date.now()): string | undefined {
    const expiresMs = this.#links.get(code);
    this.#links.delete(code);
    if (expiresMs === undefined || expiresMs <= nowMs) return undefined;
    const nonce = randomBytes(16).toString('hex');
    return `${nonce}.${this.#sign(nonce)}`;
  }

  isToken(given: string): boolean {
    return equalSecrets(given, this.#token);
  }

  isSession(cookie: string): boolean {
    const [nonce = '', signature = ''] = cookie.split('.');
    return nonce.length > 0 && equalSecrets(signature, this.#sign(nonce));
  }

  #sign(nonce: string): string {
    return createHmac('sha256', this.#token).update(`session:${nonce}`).digest('hex');
  }
}

/** Rejects requests with an unknown host header. `hosts` are `name:port` as a browser sends them. */
export function checkHost(hosts: () => ReadonlySet<string>): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host')?.toLowerCase() ?? '';
    if (!hosts().has(host)) {
      throw new AccessError('forbidden', `host "${host}" is not served here; use one of ${[...hosts()].join(', ')}`);
    }
    await next();
  };
}

/** Requires the bearer token or the session cookie. A request with a cookie that changes something must have our origin. */
export function requireAccess(sessions: Sessions): MiddlewareHandler {
  return async (context, next) => {
    const bearer = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
    if (bearer !== undefined) {
      if (!sessions.isToken(bearer.trim()))
        throw new AccessError('unauthorized', 'the bearer token is not the one of this installation');
      return await next();
    }
    const cookie = getCookie(context, SESSION_COOKIE);
    if (cookie === undefined || !sessions.isSession(cookie)) {
      throw new AccessError(
        'unauthorized',
        'send "Authorization: Bearer <token>" (the file `token` in the home folder), or open the link that `whencode open` prints',
      );
    }
    const reads = context.req.method === 'GET' || context.req.method === 'HEAD';
    const origin = context.req.header('origin');
    if (!reads && (origin === undefined || origin.replace(/^https?:\/\//, '') !== context.req.header('host'))) {
      throw new AccessError('forbidden', 'changes by cookie are accepted only from a page of this server');
    }
    await next();
  };
}
