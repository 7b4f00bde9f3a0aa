/** `/api/store` and `/api/database`: verification of the artifact store, and rebuilding the database from it. */
import { Hono } from 'hono';
import { checkStore, forgetStep } from '../campaigns/check-store.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { rebuildDatabase } from '../db/apply-journal.ts';
import { about } from './describe-route.ts';
import { checkStoreQuery, forgetBody } from './requests.ts';
import { sendJson } from './send-json.ts';
import { body, query } from './validate.ts';

export const storeRoutes = ({ store }: CampaignDeps) =>
  new Hono()
    .get(
      '/check',
      about('Outputs of finished steps that are missing or damaged'),
      query(checkStoreQuery),
      async (context) => sendJson(context, await checkStore(store, context.req.valid('query').deep === 'true')),
    )
    .post('/forget', about('Sets a step aside, so that it is computed again'), body(forgetBody), async (context) =>
      sendJson(context, await forgetStep(store, context.req.valid('json').manifest)),
    );

export const databaseRoutes = ({ db, store }: CampaignDeps) =>
  new Hono().post(
    '/rebuild',
    about('Empties the database and fills it from the journals of the artifact store'),
    async (context) => sendJson(context, await rebuildDatabase(db, store)),
  );
