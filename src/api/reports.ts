/** `/api/reports`: the figures of campaigns, with the manifests that they come from. */
import { Hono } from 'hono';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { makeReport } from '../campaigns/make-report.ts';
import { about } from './describe-route.ts';
import { reportQuery } from './requests.ts';
import { sendJson } from './send-json.ts';
import { query } from './validate.ts';

export const reportRoutes = (deps: CampaignDeps) =>
  new Hono().get(
    '/',
    about('Settings, lineage, figures and paired differences of campaigns, with their manifests'),
    query(reportQuery),
    async (context) => {
      const { campaigns, figures } = context.req.valid('query');
      return sendJson(context, await makeReport(deps, campaigns, figures));
    },
  );
