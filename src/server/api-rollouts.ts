/** `/api/rollouts`: what the model wrote, what its code answered, and the verdict. */
import { Hono } from 'hono';
import { ApiError, parseRequest } from './api-error.ts';
import type { ServerDeps } from './deps.ts';
import { rolloutsQuery } from './requests.ts';

export function rolloutRoutes(deps: ServerDeps): Hono {
  const routes = new Hono();

  routes.get('/', async (context) => {
    const filter = parseRequest(rolloutsQuery, context.req.query(), 'the query');
    return context.json(await deps.rollouts.read(filter));
  });

  /** One rollout by its id (`<problem>#<arm>#<sample>`, URL-encoded). */
  routes.get('/:campaign/:iteration/:id', async (context) => {
    const { campaign, iteration, id } = context.req.param();
    const filter = parseRequest(rolloutsQuery, { campaign, iteration, id, limit: 1 }, 'the address');
    const [rollout] = (await deps.rollouts.read(filter)).rollouts;
    if (rollout === undefined) {
      throw new ApiError('not-found', `iteration ${iteration} of "${campaign}" has no rollout "${id}"`);
    }
    return context.json({ rollout });
  });

  return routes;
}
