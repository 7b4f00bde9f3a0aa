/** The HTTP app of the control process: the API for programs, pages for people. */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { setCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import { createApi } from '../api/api.ts';
import { AccessError, type ErrorBody, expectedError, STATUS_OF_CODE } from '../api/errors.ts';
import { eventRoutes } from '../api/events.ts';
import { refuseNul } from '../api/read-body.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { UseCaseError } from '../campaigns/use-case-error.ts';
import { assetRoutes } from '../web/assets.ts';
import { ErrorPage } from '../web/error-page.tsx';
import { pageRoutes } from '../web/routes.tsx';
import { checkHost, requireAccess, SESSION_COOKIE, type Sessions } from './auth.ts';

const MAX_BODY_BYTES = 1024 * 1024;

export interface AppOptions {
  readonly sessions: Sessions;
  /** `name:port` pairs that the server answers to. */
  readonly hosts: () => ReadonlySet<string>;
  /** Where a browser reaches the server, e.g. `http://127.0.0.1:7420`. */
  readonly url: () => string;
  /** Receives unexpected errors. */
  readonly log: (message: string, error: unknown) => void;
}

/** Content security policy: pages load nothing from other servers and run only our script, even if a model wrote markup. */
const HEADERS = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
  // `no-referrer` would make browsers send `Origin: null` with our own forms.
  referrerPolicy: 'same-origin',
  // The server speaks plain HTTP on loopback: HSTS would make browsers refuse it.
  strictTransportSecurity: false,
});

export function createApp(deps: CampaignDeps, options: AppOptions): Hono {
  const app = new Hono();
  app.use(checkHost(options.hosts));
  app.use(HEADERS);
  app.use(refuseNul);
  app.use(endBodyOfHead);
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES }));

  app.get('/health', async (context) => {
    const orchestrator = await deps.gateway.check().then(
      () => 'ok' as const,
      () => 'unreachable' as const,
    );
    return context.json({ status: orchestrator === 'ok' ? 'ok' : 'degraded', orchestrator });
  });

  app.get('/open/:code', (context) => {
    const cookie = options.sessions.redeemLink(context.req.param('code'));
    if (cookie === undefined) {
      throw new AccessError('unauthorized', 'this link was used or is too old; `whencode open` prints a new one');
    }
    setCookie(context, SESSION_COOKIE, cookie, {
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      maxAge: 30 * 24 * 3600,
      secure: options.url().startsWith('https:'),
    });
    return context.redirect('/');
  });

  app.route('/assets', assetRoutes());

  app.use(requireAccess(options.sessions));
  app.route('/api', createApi(deps, { createLink: () => `${options.url()}/open/${options.sessions.createLink()}` }));
  app.route('/events', eventRoutes(deps));
  app.route('/', pageRoutes(deps));

  app.notFound((context) => {
    throw new UseCaseError('not-found', `there is nothing at ${context.req.path}`);
  });
  app.onError((error, context) => {
    const expected = expectedError(error);
    if (expected !== undefined) return answerError(context, expected);
    options.log(`${context.req.method} ${context.req.path} failed`, error);
    return answerError(context, {
      code: 'internal',
      message: `the server failed: ${error.message}; its log says more`,
    });
  });
  return app;
}

/** Ends the body of a HEAD response. HEAD runs the GET handler, and an unread event stream would never end. */
const endBodyOfHead: MiddlewareHandler = async (context, next) => {
  await next();
  if (context.req.method === 'HEAD') await context.res.body?.cancel();
};

/** JSON for programs; a page for a browser that asked for one. */
function answerError(context: Context, error: ErrorBody['error']) {
  const wantsPage = !context.req.path.startsWith('/api/') && context.req.header('accept')?.includes('text/html');
  if (wantsPage) return context.html(ErrorPage(error), STATUS_OF_CODE[error.code]);
  return context.json({ error } satisfies ErrorBody, STATUS_OF_CODE[error.code]);
}
