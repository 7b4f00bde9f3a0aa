/** `/api/evaluations`: measuring a checkpoint at any time, and comparing. */
import { Hono } from 'hono';
import { type CampaignConfig, campaignSchema, type EvaluationConfig } from '../config/campaign.ts';
import { nearestName } from '../config/nearest-name.ts';
import { listEvaluations, readEvaluation } from '../db/read-checkpoints.ts';
import type { CampaignDetail } from '../db/views.ts';
import { requireCampaign } from './api-campaigns.ts';
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
    const campaign = await requireCampaign(deps, body.campaign);
    const config = campaignSchema.parse(campaign.config);
    const iteration = body.iteration ?? (body.checkpoint === undefined ? lastIteration(campaign) : undefined);
    const checkpoint = await resolveCheckpoint(
      deps,
      body.checkpoint ?? (iteration === undefined ? campaign.id : `${campaign.id}@${iteration}`),
    );
    const id = await deps.gateway.startEvaluation({
      campaignId: campaign.id,
      checkpoint,
      suite: chooseSuite(config, body.suite),
      config,
      ...(iteration === undefined ? {} : { iteration }),
    });
    return context.json({ id }, 201);
  });

  routes.get('/:id{.+}', async (context) => {
    const id = context.req.param('id');
    const evaluation = await readEvaluation(deps.db, id);
    if (evaluation === undefined) throw new ApiError('not-found', `there is no evaluation "${id}"`);
    return context.json({ evaluation });
  });

  return routes;
}

const lastIteration = (campaign: CampaignDetail): number | undefined => campaign.checkpoints.at(-1)?.iteration;

function chooseSuite(config: CampaignConfig, suite: string | EvaluationConfig): EvaluationConfig {
  if (typeof suite !== 'string') return suite;
  const found = config.evaluations.find((item) => item.suite === suite);
  if (found !== undefined) return found;
  const names = config.evaluations.map((item) => item.suite);
  const nearest = nearestName(suite, names);
  throw new ApiError(
    'not-found',
    `campaign "${config.name}" has no suite "${suite}"; ${nearest === undefined ? `it has ${names.join(', ') || 'none'}` : `did you mean ${nearest}?`}`,
  );
}
