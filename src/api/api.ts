/** The API of the control process, below `/api`. The client derives its types from the type of this app. */
import { Hono } from 'hono';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { campaignRoutes } from './campaigns.ts';
import { checkpointRoutes } from './checkpoints.ts';
import { about } from './describe-route.ts';
import { evaluationRoutes } from './evaluations.ts';
import { iterationRoutes, replayRoutes } from './iterations.ts';
import { openApiDocument } from './openapi.ts';
import { problemRoutes } from './problems.ts';
import { reportRoutes } from './reports.ts';
import { rolloutRoutes } from './rollouts.ts';
import { sendJson } from './send-json.ts';
import { databaseRoutes, storeRoutes } from './store.ts';

export interface ApiOptions {
  /** A link that opens the page in a browser, once, within ten minutes. */
  readonly createLink: () => Promise<string>;
}

export function createApi(deps: CampaignDeps, { createLink }: ApiOptions) {
  const api = new Hono()
    .post('/links', about('A link that opens the page in a browser, once, within ten minutes'), async (context) =>
      sendJson(context, { url: await createLink() }, 201),
    )
    .route('/campaigns', campaignRoutes(deps))
    .route('/checkpoints', checkpointRoutes(deps))
    .route('/evaluations', evaluationRoutes(deps))
    .route('/iterations', iterationRoutes(deps))
    .route('/problems', problemRoutes(deps))
    .route('/replays', replayRoutes(deps))
    .route('/reports', reportRoutes(deps))
    .route('/rollouts', rolloutRoutes(deps))
    .route('/store', storeRoutes(deps))
    .route('/database', databaseRoutes(deps));
  return api.get('/openapi.json', about('This API as an OpenAPI 3.1 document'), (context) =>
    sendJson(context, openApiDocument(api.routes)),
  );
}

export type Api = ReturnType<typeof createApi>;
