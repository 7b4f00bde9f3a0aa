/** `/api/problems`: one problem over iterations and evaluations. */
import { Hono } from 'hono';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { about } from './describe-route.ts';
import { problemQuery } from './requests.ts';
import { sendJson } from './send-json.ts';
import { query } from './validate.ts';

export const problemRoutes = (deps: CampaignDeps) =>
  new Hono().get(
    '/',
    about('One problem: what every training and evaluation of a campaign sampled of it'),
    query(problemQuery),
    async (context) => sendJson(context, await deps.rollouts.readProblem(context.req.valid('query'))),
  );
