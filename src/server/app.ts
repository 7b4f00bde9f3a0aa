/** The whole HTTP face of the control process: API for programs, pages for people. */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { setCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import { ApiError, type ErrorBody } from '../api/api-error.ts';
import { checkHost, requireAccess, SESSION_COOKIE } from '../api/auth.ts';
import { campaignRoutes } from '../api/campaigns.ts';
import { checkpointRoutes } from '../api/checkpoints.ts';
import { evaluationRoutes } from '../api/evaluations.ts';
import { eventRoutes } from '../api/events.ts';
import { iterationRoutes, replayRoutes } from '../api/iterations.ts';
import { refuseNul } from '../api/read-body.ts';
import { recoveryRoutes } from '../api/recovery.ts';
import { rolloutRoutes } from '../api/rollouts.ts';
import { storeRoutes } from '../api/store.ts';
import { StoreError } from '../artifacts/store-error.ts';
import type { ServerDeps } from '../campaigns/deps.ts';
import { MachineError } from '../checks/machine-error.ts';
import { ConfigError } from '../config/load.ts';
import { assetRoutes } from '../web/assets.ts';
import { ErrorPage } from '../web/error-page.tsx';
import { pageRoutes } from '../web/routes.tsx';

const MAX_BODY_BYTES = 1024 * 1024;

export interface AppOptions {
  /** `name:port` pairs that the server answers to. */
  readonly hosts: () => ReadonlySet<string>;
  /** Where a browser reaches the server, e.g. `http://127.0.0.1:7420`. */
  readonly url: () => string;
  /** For errors that nobody expected. */
  readonly log: (message: string, error: unknown) => void;
}

/** Nothing is loaded from elsewhere, and no script but our own file runs, whatever a model wrote. */
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
  // Stricter, and browsers send `Origin: null` with our own forms.
  referrerPolicy: 'same-origin',
  // Plain HTTP on loopback: a promise of HTTPS would lock the browser out.
  strictTransportSecurity: false,
});

export function createApp(deps: ServerDeps, options: AppOptions): Hono {
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
    const cookie = deps.sessions.redeemLink(context.req.param('code'));
    if (cookie === undefined) {
      throw new ApiError('unauthorized', 'this link was used or is too old; `whencode open` prints a new one');
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

  app.use(requireAccess(deps.sessions));
  app.post('/api/links', (context) =>
    context.json({ url: `${options.url()}/open/${deps.sessions.createLink()}` }, 201),
  );
  app.route('/api', recoveryRoutes(deps));
  app.route('/api/campaigns', campaignRoutes(deps));
  app.route('/api/evaluations', evaluationRoutes(deps));
  app.route('/api/checkpoints', checkpointRoutes(deps));
  app.route('/api/store', storeRoutes(deps));
  app.route('/api/iterations', iterationRoutes(deps));
  app.route('/api/replays', replayRoutes(deps));
  app.route('/api/rollouts', rolloutRoutes(deps));
  app.route('/events', eventRoutes(deps));
  app.route('/', pageRoutes(deps));

  app.notFound((context) => answerError(context, new ApiError('not-found', `there is nothing at ${context.req.path}`)));
  app.onError((error, context) => {
    if (error instanceof ApiError) return answerError(context, error);
    if ('getResponse' in error && typeof error.getResponse === 'function') return error.getResponse();
    if (error instanceof ConfigError) return answerError(context, new ApiError('bad-request', error.message));
    if (error instanceof MachineError || error instanceof StoreError)
      return answerError(context, new ApiError('unavailable', error.message));
    options.log(`${context.req.method} ${context.req.path} failed`, error);
    return answerError(context, new ApiError('internal', `the server failed: ${error.message}; its log says more`));
  });
  return app;
}

/** A HEAD request runs the GET handler and nobody reads its body: an event stream would go on for ever. */
const endBodyOfHead: MiddlewareHandler = async (context, next) => {
  await next();
  if (context.req.method === 'HEAD') await context.res.body?.cancel();
};

/** JSON for programs; a page for a browser that asked for one. */
function answerError(context: Context, error: ApiError) {
  const wantsPage = !context.req.path.startsWith('/api/') && context.req.header('accept')?.includes('text/html');
  if (wantsPage) return context.html(ErrorPage({ code: error.code, message: error.message }), error.status);
  const body: ErrorBody = { error: { code: error.code, message: error.message } };
  return context.json(body, error.status);
}
