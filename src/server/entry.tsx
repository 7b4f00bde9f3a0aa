/** How programs and browsers get access, and how a browser ends its session: `/proof`, `/open`, `/logout`. */
import { type Context, type Handler, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { AccessError } from '../api/errors.ts';
import { UseCaseError } from '../campaigns/use-case-error.ts';
import { NoticePage } from '../web/notice-page.tsx';
import { type Access, SESSION_LIFETIME_MS } from './access.ts';
import { hostOf, SESSION_COOKIE } from './auth.ts';

const NONCE = /^[0-9a-f]{32,128}$/;
const LINK_IS_VOID = 'this link was used or is too old; `whencode open` prints a new one';

/** A link to the pages that opens a session once. */
export const createLink = async (access: Access, pageHost: () => string): Promise<string> =>
  `http://${pageHost()}/open/${await access.createLink()}`;

/** Routes that need no access. */
export function entryRoutes(access: Access, pageHost: () => string): Hono {
  const requirePageHost = (context: Context): void => {
    if (hostOf(context) !== pageHost())
      throw new AccessError('forbidden', 'open the link as `whencode open` prints it');
  };
  return new Hono()
    .get('/proof/:nonce', async (context) => {
      const nonce = context.req.param('nonce');
      if (!NONCE.test(nonce)) throw new UseCaseError('bad-request', 'the nonce is 32 to 128 hexadecimal digits');
      const proof = await access.prove(nonce);
      if (proof === undefined)
        throw new UseCaseError('unavailable', 'there is no token; `whencode token rotate` makes one');
      return context.json(proof);
    })
    .get('/open/:code', async (context) => {
      requirePageHost(context);
      // A program that only looks at the link, for a preview, does not use it up.
      if (!(await access.isLink(context.req.param('code')))) throw new AccessError('unauthorized', LINK_IS_VOID);
      return context.html(
        <NoticePage title="Open Whencode">
          <form method="post">
            <button type="submit" autofocus>
              Open the pages
            </button>
          </form>
        </NoticePage>,
      );
    })
    .post('/open/:code', async (context) => {
      requirePageHost(context);
      const cookie = await access.redeemLink(context.req.param('code'));
      if (cookie === undefined) throw new AccessError('unauthorized', LINK_IS_VOID);
      setCookie(context, SESSION_COOKIE, cookie, {
        httpOnly: true,
        sameSite: 'Lax',
        path: '/',
        maxAge: SESSION_LIFETIME_MS / 1000,
      });
      return context.redirect('/', 303);
    });
}

/** Ends the browser's session. */
export function logoutRoute(access: Access): Handler {
  return async (context) => {
    const cookie = getCookie(context, SESSION_COOKIE);
    if (cookie !== undefined) await access.endSession(cookie);
    deleteCookie(context, SESSION_COOKIE, { path: '/' });
    return context.html(
      <NoticePage title="Signed out">
        <p>`whencode open` prints a link that opens the pages again.</p>
      </NoticePage>,
    );
  };
}
