/** `/api/evaluations`: evaluation of any checkpoint at any time, and comparison. */
import { Hono } from 'hono';
import { z } from 'zod';
import { benchFigures, benchRequest } from '../campaigns/bench-figures.ts';
import { compareCampaigns } from '../campaigns/compare-campaigns.ts';
import { compareKnownEvaluations } from '../campaigns/compare-evaluations.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { evaluationRequest } from '../campaigns/evaluation-request.ts';
import { requireCampaign } from '../campaigns/known-campaigns.ts';
import {
  cancelEvaluation,
  listKnownEvaluations,
  showEvaluation,
  startEvaluation,
  startEvaluations,
} from '../campaigns/start-evaluation.ts';
import { withMark } from '../scoring/evaluated-problem.ts';
import { about } from './describe-route.ts';
import { comparisonQuery, evaluationsQuery, pairQuery, problemsQuery } from './requests.ts';
import { sendJson } from './send-json.ts';
import { body, query } from './validate.ts';

export const evaluationRoutes = (deps: CampaignDeps) =>
  new Hono()
    .get(
      '/',
      about('Evaluations, newest first, of a campaign or a checkpoint'),
      query(evaluationsQuery),
      async (context) =>
        sendJson(context, { evaluations: await listKnownEvaluations(deps, context.req.valid('query')) }),
    )
    .get(
      '/comparison',
      about('Campaigns side by side: groups over seeds, costs, settings that differ, differences on one suite'),
      query(comparisonQuery),
      async (context) => sendJson(context, await compareCampaigns(deps, context.req.valid('query'))),
    )
    .get('/compare', about('Two campaigns, iteration by iteration'), query(pairQuery), async (context) => {
      const { left, right } = context.req.valid('query');
      return sendJson(context, {
        left: await requireCampaign(deps, left),
        right: await requireCampaign(deps, right),
      });
    })
    .get(
      '/differences',
      about('Two evaluations, figure by figure; paired where they measured the same problems'),
      query(pairQuery),
      async (context) => sendJson(context, await compareKnownEvaluations(deps, context.req.valid('query'))),
    )
    .post(
      '/',
      about('Measures a checkpoint; the second of two equal requests joins the first'),
      body(evaluationRequest, 'the evaluation'),
      async (context) => sendJson(context, await startEvaluation(deps, context.req.valid('json')), 201),
    )
    .post(
      '/batch',
      about('Measures several, once all of them are found valid'),
      body(z.strictObject({ evaluations: z.array(evaluationRequest).min(1).max(500) }), 'the evaluations'),
      async (context) => sendJson(context, await startEvaluations(deps, context.req.valid('json').evaluations), 201),
    )
    .post(
      '/figures',
      about('Accuracy and cost of one rollout and of majority votes, over evaluations of one suite'),
      body(benchRequest, 'what to compare'),
      async (context) => sendJson(context, { rows: await benchFigures(deps, context.req.valid('json')) }),
    )
    .post('/:id{.+}/cancel', about('Ends an evaluation; its finished shards are kept'), async (context) =>
      sendJson(context, await cancelEvaluation(deps, context.req.param('id'))),
    )
    .get(
      '/:id{.+}/problems',
      about('The problems of a finished evaluation: the decision on each, and what every arm earned'),
      query(problemsQuery),
      async (context) => {
        const { mark } = context.req.valid('query');
        const decisions = await deps.rollouts.readDecisions(context.req.param('id'));
        return sendJson(context, { ...decisions, problems: withMark(decisions.problems, mark) });
      },
    )
    .get('/:id{.+}', about('One evaluation by its id, `eval/…`'), async (context) =>
      sendJson(context, { evaluation: await showEvaluation(deps, context.req.param('id')) }),
    );
