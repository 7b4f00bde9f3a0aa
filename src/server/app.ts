/** The HTTP app of the control process: the API for programs, pages for people. */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import { createApi } from '../api/api.ts';
import { type ErrorBody, expectedError, STATUS_OF_CODE } from '../api/errors.ts';
import { EventStreams } from '../api/event-streams.ts';
import { eventRoutes } from '../api/events.ts';
import { refuseNul } from '../api/read-body.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { UseCaseError } from '../campaigns/use-case-error.ts';
import { assetRoutes } from '../web/assets.ts';
import { ErrorPage } from '../web/error-page.tsx';
import { pageRoutes } from '../web/routes.tsx';
import type { Access } from './access.ts';
import { checkHost, requireAccess } from './auth.ts';
import { createLink, entryRoutes, logoutRoute } from './entry.tsx';
import { healthRoute } from './health.ts';

const MAX_BODY_BYTES = 1024 * 1024;

export interface AppOptions {
  readonly access: Access;
  /** `name:port` pairs that the server answers to, the host of the pages among them. */
  readonly hosts: () => ReadonlySet<string>;
  /** `name:port` of the pages: the only host where links and sessions count. */
  readonly pageHost: () => string;
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

export function createApp(deps: CampaignDeps, { access, hosts, pageHost, log }: AppOptions): Hono {
  const app = new Hono();
  app.use(HEADERS);
  app.use(keepNothing);
  app.use(checkHost(hosts));
  app.use(refuseNul);
  app.use(endBodyOfHead);
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES }));

  app.get('/health', healthRoute(deps.gateway));
  app.route('/', entryRoutes(access, pageHost));
  app.route('/assets', assetRoutes());

  const streams = new EventStreams();
  app.use(requireAccess(access, pageHost));
  app.post('/logout', logoutRoute(access));
  app.route('/api', createApi(deps, { createLink: () => createLink(access, pageHost) }));
  app.route('/events', eventRoutes(deps, streams));
  app.route('/', pageRoutes(deps, streams));

  app.notFound((context) => {
    throw new UseCaseError('not-found', `there is nothing at ${context.req.path}`);
  });
  app.onError((error, context) => {
    const expected = expectedError(error);
    if (expected !== undefined) return answerError(context, expected);
    log(`${context.req.method} ${context.req.path} failed`, error);
    return answerError(context, {
      code: 'internal',
      message: `the server failed: ${error.message}; its log says more`,
    });
  });
  return app;
}

/** Responses are private and soon out of date, so browsers and proxies may keep only assets. */
const keepNothing: MiddlewareHandler = async (context, next) => {
  await next();
  if (!context.req.path.startsWith('/assets/')) context.header('cache-control', 'no-store');
};

/** Ends the body of a HEAD response. HEAD runs the GET handler, and an unread event stream would never end. */
const endBodyOfHead: MiddlewareHandler = async (context, next) => {
  await next();
  if (context.req.method === 'HEAD') await context.res.body?.cancel();
};

/** JSON for programs; a page for a browser that asked for one. */
function answerError(context: Context, error: ErrorBody['error']) {
  // The server cuts connections whose request it did not read to its end; clients must not send their next one there.
  if (error.code === 'too-large' || (context.req.raw.body !== null && !context.req.raw.bodyUsed))
    context.header('connection', 'close');
  const wantsPage = !context.req.path.startsWith('/api/') && context.req.header('accept')?.includes('text/html');
  if (wantsPage) return context.html(ErrorPage(error), STATUS_OF_CODE[error.code]);
  return context.json({ error } satisfies ErrorBody, STATUS_OF_CODE[error.code]);
}
