/** `/api/rollouts`: what the model wrote, what its code answered, and the verdict. */
import { Hono } from 'hono';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { regradeIteration } from '../campaigns/regrade.ts';
import { rolloutFilter } from '../campaigns/rollout-filter.ts';
import { parseAsked, UseCaseError } from '../campaigns/use-case-error.ts';
import { readBody } from './read-body.ts';
import { regradeBody } from './requests.ts';

export function rolloutRoutes(deps: CampaignDeps): Hono {
  const routes = new Hono();

  routes.get('/', async (context) => {
    const filter = parseAsked(rolloutFilter, context.req.query(), 'the query');
    return context.json(await deps.rollouts.read(filter));
  });

  /** One rollout by its id (`<problem>#<arm>#<sample>`, URL-encoded). */
  routes.get('/:campaign/:iteration/:id', async (context) => {
    const { campaign, iteration, id } = context.req.param();
    const filter = parseAsked(rolloutFilter, { campaign, iteration, id, limit: 1 }, 'the address');
    const [rollout] = (await deps.rollouts.read(filter)).rollouts;
    if (rollout === undefined) {
      throw new UseCaseError('not-found', `iteration ${iteration} of "${campaign}" has no rollout "${id}"`);
    }
    return context.json({ rollout });
  });

  /** Stored grades beside those of the present grader: every flip. Nothing is changed. */
  routes.post('/:campaign/:iteration/regrade', async (context) => {
    const { grader } = parseAsked(regradeBody, await readBody(context), 'the request');
    const { campaign, iteration } = parseAsked(rolloutFilter, context.req.param(), 'the address');
    if (iteration === undefined) throw new UseCaseError('not-found', 'name an iteration');
    const options = Object.fromEntries(Object.entries(grader).filter(([, value]) => value !== undefined));
    return context.json(await regradeIteration(deps.rollouts, { campaign, iteration }, options));
  });

  return routes;
}
