/** `/api/evaluations`: measuring a checkpoint at any time, and comparing. */
import { Hono } from 'hono';
import type { z } from 'zod';
import { describeEvaluation } from '../../activities/evaluate.ts';
import { StoreError } from '../artifacts/store-error.ts';
import { type CampaignConfig, campaignSchema, type EvaluationConfig } from '../config/campaign.ts';
import { listCheckpoints, listEvaluations, readEvaluation } from '../db/read-checkpoints.ts';
import { requireCampaign, tell } from './api-campaigns.ts';
import { resolveCheckpoint } from './api-checkpoints.ts';
import { ApiError, parseRequest } from './api-error.ts';
import type { ServerDeps } from './deps.ts';
import { readBody } from './read-body.ts';
import { compareQuery, evaluationsQuery, startEvaluationBody } from './requests.ts';

export function evaluationRoutes(deps: ServerDeps): Hono {
  const routes = new Hono();

  routes.get('/', async (context) => {
    const query = parseRequest(evaluationsQuery, context.req.query(), 'the query');
    if (query.campaign !== undefined) {
      return context.json({ evaluations: (await requireCampaign(deps, query.campaign)).evaluations });
    }
    const checkpoint = query.checkpoint === undefined ? undefined : await resolveCheckpoint(deps, query.checkpoint);
    return context.json({ evaluations: await listEvaluations(deps.db, checkpoint) });
  });

  routes.get('/compare', async (context) => {
    const query = parseRequest(compareQuery, context.req.query(), 'the query');
    const [left, right] = [await requireCampaign(deps, query.left), await requireCampaign(deps, query.right)];
    return context.json({ left, right });
  });

  routes.post('/', async (context) => {
    const body = parseRequest(startEvaluationBody, await readBody(context), 'the evaluation');
    const { campaign, checkpoint, iteration } = await chooseCheckpoint(deps, body);
    const config = campaignSchema.parse(campaign.config);
    const suite = chooseSuite(config, body.suite);
    const request = await describeEvaluation(deps, config, checkpoint, suite).catch((error: unknown) => {
      // A store that fails is not the caller's mistake.
      if (error instanceof StoreError) throw error;
      throw new ApiError('bad-request', `suite "${suite.suite}": ${error instanceof Error ? error.message : error}`);
    });
    await deps.gateway.startEvaluation(request);
    const link = {
      kind: 'evaluation',
      id: request.workflowId,
      campaignId: campaign.id,
      checkpoint,
      suite: suite.suite,
      status: 'running',
      at: new Date().toISOString(),
      ...(iteration === undefined ? {} : { iteration }),
    } as const;
    await tell(deps, [link]);
    return context.json({ id: request.workflowId }, 201);
  });

  routes.get('/:id{.+}', async (context) => {
    const id = context.req.param('id');
    const evaluation = await readEvaluation(deps.db, id);
    if (evaluation === undefined) throw new ApiError('not-found', `there is no evaluation "${id}"`);
    return context.json({ evaluation });
  });

  return routes;
}

/** What to measure, and the campaign whose settings say how. */
async function chooseCheckpoint(deps: ServerDeps, body: z.output<typeof startEvaluationBody>) {
  const { checkpoint: reference } = body;
  if (reference === undefined) {
    if (body.campaign === undefined)
      throw new ApiError('bad-request', 'say what to measure: a campaign or a checkpoint');
    const campaign = await requireCampaign(deps, body.campaign);
    const iteration = body.iteration ?? campaign.checkpoints.at(-1)?.iteration ?? 0;
    return { campaign, iteration, checkpoint: await resolveCheckpoint(deps, `${campaign.id}@${iteration}`) };
  }
  const checkpoint = await resolveCheckpoint(deps, reference);
  const makers = (await listCheckpoints(deps.db)).filter((item) => item.digest === checkpoint);
  const maker = makers.find((item) => item.campaignId === body.campaign) ?? makers[0];
  const campaign = await requireCampaign(deps, body.campaign ?? maker?.campaignId ?? reference);
  const iteration = maker?.campaignId === campaign.id ? maker.iteration : undefined;
  return { campaign, iteration, checkpoint };
}

/** A suite by its name in the campaign file; any other name is that of a data set, measured whole and greedily. */
function chooseSuite(config: CampaignConfig, suite: string | EvaluationConfig): EvaluationConfig {
  if (typeof suite !== 'string') return suite;
  const found = config.evaluations.find((item) => item.suite === suite);
  return found ?? { suite, problems: { from: suite }, samples: 1, temperature: 0 };
}
