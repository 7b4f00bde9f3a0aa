/**
 * Authentication. Programs prove that they know the token, or send it; a browser opens a one-time link, which sets a
 * cookie. The host header is checked, so that a foreign page can't reach the server by DNS rebinding.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { AccessError } from '../api/errors.ts';
import type { Access } from './access.ts';

export const SESSION_COOKIE = 'whencode_session';

/** The host header of a request, as a browser sends it. */
export const hostOf = (context: Context): string => context.req.header('host')?.toLowerCase() ?? '';

/** Rejects requests with an unknown host header. `hosts` are `name:port`. The message names none: one is a secret. */
export function checkHost(hosts: () => ReadonlySet<string>): MiddlewareHandler {
  return async (context, next) => {
    const host = hostOf(context);
    if (!hosts().has(host))
      throw new AccessError('forbidden', `host "${host}" is not served here; \`whencode open\` prints a link`);
    await next();
  };
}

/**
 * Requires the token, a client's proof of it, or a session cookie. A cookie counts only under the host of the pages: the
 * pages of other ports know no such name, so they never get it. A request with a cookie that changes something must have
 * our origin.
 */
export function requireAccess(access: Access, pageHost: () => string): MiddlewareHandler {
  const check = async (context: Context): Promise<void> => {
    const [, scheme = '', given = ''] =
      /^(Bearer|Whencode) (.+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    if (scheme !== '') {
      const isKnown = scheme.toLowerCase() === 'bearer' ? access.isToken(given.trim()) : access.isClientProof(given);
      if (await isKnown) return;
      throw new AccessError('unauthorized', 'the bearer token is not the one of this installation');
    }
    const cookie = hostOf(context) === pageHost() ? getCookie(context, SESSION_COOKIE) : undefined;
    if (cookie === undefined || !(await access.isSession(cookie)))
      throw new AccessError(
        'unauthorized',
        'send "Authorization: Bearer <token>" (the file `token` in the home folder), or open the link that `whencode open` prints',
      );
    const reads = context.req.method === 'GET' || context.req.method === 'HEAD';
    const origin = context.req.header('origin');
    if (!reads && (origin === undefined || origin.replace(/^https?:\/\//, '') !== hostOf(context)))
      throw new AccessError('forbidden', 'changes by cookie are accepted only from a page of this server');
  };
  return async (context, next) => {
    await check(context);
    context.set('checkAccess', () => check(context));
    await next();
  };
}
