/** `/api/iterations` and `/api/replays`: replay of an iteration, what-if, and comparison of two iterations. */
import { Hono } from 'hono';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { compareIterations, computeWhatIf, replayIteration, showReplay } from '../campaigns/replay-iteration.ts';
import { about } from './describe-route.ts';
import { iterationParam, pairQuery, replayBody, requestOf, whatIfBody } from './requests.ts';
import { sendJson } from './send-json.ts';
import { body, param, query } from './validate.ts';

export const iterationRoutes = (deps: CampaignDeps) =>
  new Hono()
    .get(
      '/diff',
      about('Differences between two iterations, `<campaign>/<iteration>` each'),
      query(pairQuery),
      async (context) => {
        const { left, right } = context.req.valid('query');
        return sendJson(context, await compareIterations(deps, left, right));
      },
    )
    .post(
      '/:campaign/:iteration/replay',
      about('Replays an iteration and compares it; for a blocked one with settings, changes them and retries'),
      param(iterationParam),
      body(replayBody),
      async (context) => {
        const { from, settings, ...asked } = context.req.valid('json');
        const request = { ...requestOf(asked), from, settings };
        return sendJson(context, await replayIteration(deps, context.req.valid('param'), request), 202);
      },
    )
    .post(
      '/:campaign/:iteration/what-if',
      about('Grades, estimates and curation of a stored iteration under other settings; nothing is changed'),
      param(iterationParam),
      body(whatIfBody),
      async (context) =>
        sendJson(context, await computeWhatIf(deps, context.req.valid('param'), context.req.valid('json'))),
    );

export const replayRoutes = (deps: CampaignDeps) =>
  new Hono().get('/:id{.+}', about('Progress of a replay, and its report'), async (context) =>
    sendJson(context, await showReplay(deps, context.req.param('id'))),
  );
