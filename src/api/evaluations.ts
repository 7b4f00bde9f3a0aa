/** `/api/evaluations`: measuring a checkpoint at any time, and comparing. */
import { Hono } from 'hono';
import { StoreError } from '../artifacts/store-error.ts';
import { chooseEvaluation } from '../campaigns/choose-evaluation.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { evaluationRequest } from '../campaigns/evaluation-request.ts';
import { resolveCheckpoint } from '../campaigns/find-checkpoint.ts';
import { markLostEvaluations, requireCampaign, tell } from '../campaigns/known-campaigns.ts';
import { parseAsked, UseCaseError } from '../campaigns/use-case-error.ts';
import { listEvaluations, readEvaluation } from '../db/read-checkpoints.ts';
import type { EvaluationView } from '../db/views.ts';
import { describeEvaluation } from '../steps/evaluate.ts';
import { readBody } from './read-body.ts';
import { compareQuery, evaluationsQuery } from './requests.ts';

export function evaluationRoutes(deps: CampaignDeps): Hono {
  const routes = new Hono();

  routes.get('/', async (context) => {
    const query = parseAsked(evaluationsQuery, context.req.query(), 'the query');
    if (query.campaign !== undefined) {
      const { evaluations } = await requireCampaign(deps, query.campaign);
      return context.json({ evaluations: await markLostEvaluations(deps, evaluations) });
    }
    const checkpoint = query.checkpoint === undefined ? undefined : await resolveCheckpoint(deps, query.checkpoint);
    return context.json({ evaluations: await markLostEvaluations(deps, await listEvaluations(deps.db, checkpoint)) });
  });

  routes.get('/compare', async (context) => {
    const query = parseAsked(compareQuery, context.req.query(), 'the query');
    const [left, right] = [await requireCampaign(deps, query.left), await requireCampaign(deps, query.right)];
    return context.json({ left, right });
  });

  routes.post('/', async (context) => {
    const body = parseAsked(evaluationRequest, await readBody(context), 'the evaluation');
    const { checkpoint, settings, suite, campaignId, iteration } = await chooseEvaluation(deps, body);
    const request = await describeEvaluation(deps, settings, checkpoint, suite).catch((error: unknown) => {
      // A store that fails is not the caller's mistake.
      if (error instanceof StoreError) throw error;
      throw new UseCaseError(
        'bad-request',
        `suite "${suite.suite}": ${error instanceof Error ? error.message : error}`,
      );
    });
    const last = await readEvaluation(deps.db, request.workflowId);
    // Before the start: what the evaluation says of itself then is later.
    const at = new Date().toISOString();
    await deps.gateway.startEvaluation(request, last?.status === 'failed');
    const started = {
      kind: 'evaluation',
      id: request.workflowId,
      checkpoint,
      suite: suite.suite,
      status: 'running',
      at,
      ...(campaignId === undefined ? {} : { campaignId }),
      ...(iteration === undefined ? {} : { iteration }),
    } as const;
    await tell(deps, [started]);
    return context.json({ id: request.workflowId }, 201);
  });

  routes.post('/:id{.+}/cancel', async (context) => {
    const { id, status } = await requireEvaluation(deps, context.req.param('id'));
    if (status !== 'running')
      throw new UseCaseError('conflict', `evaluation "${id}" has ended (${status}); there is nothing to cancel`);
    await deps.gateway.cancelEvaluation(id);
    return context.json({ id });
  });

  routes.get('/:id{.+}', async (context) => {
    const [evaluation] = await markLostEvaluations(deps, [await requireEvaluation(deps, context.req.param('id'))]);
    return context.json({ evaluation });
  });

  return routes;
}

async function requireEvaluation(deps: CampaignDeps, id: string): Promise<EvaluationView> {
  const evaluation = await readEvaluation(deps.db, id);
  if (evaluation === undefined)
    throw new UseCaseError('not-found', `there is no evaluation "${id}"; \`eval list\` shows them`);
  return evaluation;
}
