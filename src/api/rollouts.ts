/** `/api/rollouts`: rollouts with the model's text, the output of its code, and the verdict. */
import { Hono } from 'hono';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { regradeIteration } from '../campaigns/regrade.ts';
import { rolloutFilter } from '../campaigns/rollout-filter.ts';
import { UseCaseError } from '../campaigns/use-case-error.ts';
import { about } from './describe-route.ts';
import { iterationParam, regradeBody, rolloutParam } from './requests.ts';
import { sendJson } from './send-json.ts';
import { body, param, query } from './validate.ts';

export const rolloutRoutes = (deps: CampaignDeps) =>
  new Hono()
    .get(
      '/',
      about('Rollouts of an iteration or an evaluation, filtered and paged'),
      query(rolloutFilter),
      async (context) => sendJson(context, await deps.rollouts.read(context.req.valid('query'))),
    )
    .get(
      '/:campaign/:iteration/:id',
      about('One rollout by its id, `<problem>#<arm>#<sample>`, URL-encoded'),
      param(rolloutParam),
      async (context) => {
        const { campaign, iteration, id } = context.req.valid('param');
        const [rollout] = (await deps.rollouts.read({ campaign, iteration, id, offset: 0, limit: 1 })).rollouts;
        if (rollout === undefined)
          throw new UseCaseError('not-found', `iteration ${iteration} of "${campaign}" has no rollout "${id}"`);
        return sendJson(context, { rollout });
      },
    )
    .post(
      '/:campaign/:iteration/regrade',
      about('Compares stored grades with those of the current grader and lists every flip; changes nothing'),
      param(iterationParam),
      body(regradeBody),
      async (context) => {
        const { grader } = context.req.valid('json');
        const options = Object.fromEntries(Object.entries(grader).filter(([, value]) => value !== undefined));
        return sendJson(context, await regradeIteration(deps.rollouts, context.req.valid('param'), options));
      },
    );
