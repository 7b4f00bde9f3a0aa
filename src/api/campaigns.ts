/** `/api/campaigns`: views of campaigns, and the commands that steer them. */
import { Hono } from 'hono';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { forkCampaign } from '../campaigns/fork.ts';
import { markLost, requireCampaign } from '../campaigns/known-campaigns.ts';
import { recoverCampaign } from '../campaigns/recover-campaign.ts';
import { readReport, resendReport } from '../campaigns/report.ts';
import { showCampaign } from '../campaigns/show-campaign.ts';
import { startCampaign } from '../campaigns/start-campaign.ts';
import * as steer from '../campaigns/steer-campaign.ts';
import { campaignSchema } from '../config/campaign.ts';
import { readJournalOf } from '../db/apply-journal.ts';
import { listCampaigns } from '../db/read-campaigns.ts';
import { ifAny } from '../protocol/decode-journal.ts';
import { about } from './describe-route.ts';
import {
  askedBody,
  changeSettingsBody,
  extendBody,
  forkBody,
  requestOf,
  resendBody,
  retryBody,
  stopBody,
} from './requests.ts';
import { sendJson } from './send-json.ts';
import { body } from './validate.ts';

export const campaignRoutes = (deps: CampaignDeps) =>
  new Hono()
    .get('/', about('All campaigns, newest first'), async (context) =>
      sendJson(context, { campaigns: await markLost(deps, await listCampaigns(deps.db)) }),
    )
    .post('/', about('Checks a campaign and starts it'), body(campaignSchema, 'the campaign'), async (context) =>
      sendJson(context, await startCampaign(deps, context.req.valid('json')), 201),
    )
    .get('/:id', about('Stages, metrics and checkpoints of a campaign'), async (context) =>
      sendJson(context, await showCampaign(deps, context.req.param('id'))),
    )
    .get(
      '/:id/curves',
      about('Accuracy of training rollouts by arm, how they use code, and the metrics of every update'),
      async (context) => {
        const campaign = await requireCampaign(deps, context.req.param('id'));
        const accuracy = await deps.rollouts.readAccuracy(campaign);
        const behaviour = await deps.rollouts.readBehaviour(campaign);
        const updates = await deps.rollouts.readUpdates(campaign);
        return sendJson(context, { accuracy, behaviour, updates });
      },
    )
    .get(
      '/:id/journal',
      about('Requests of people to a campaign, and the states that it can be recovered from'),
      async (context) => {
        const { id } = await requireCampaign(deps, context.req.param('id'));
        const { events, skipped } = await readJournalOf(deps.db, id);
        return sendJson(context, { entries: events, ...ifAny(skipped) });
      },
    )
    .get('/:id/report', about('How far each experiment tracker of a campaign is'), async (context) =>
      sendJson(context, { trackers: await readReport(deps, context.req.param('id')) }),
    )
    .post(
      '/:id/report/resend',
      about('Sends the figures of a campaign to its trackers again, as new runs'),
      body(resendBody),
      async (context) =>
        sendJson(context, {
          trackers: await resendReport(deps, context.req.param('id'), context.req.valid('json').tracker),
        }),
    )
    .post(
      '/:id/pause',
      about('Pauses: no further step begins, and steps under way finish and are kept'),
      body(askedBody),
      async (context) =>
        sendJson(
          context,
          await steer.pauseCampaign(deps, context.req.param('id'), requestOf(context.req.valid('json'))),
        ),
    )
    .post('/:id/resume', about('Continues after a pause'), body(askedBody), async (context) =>
      sendJson(
        context,
        await steer.resumeCampaign(deps, context.req.param('id'), requestOf(context.req.valid('json'))),
      ),
    )
    .post('/:id/stop', about('Ends a campaign; finished steps are kept'), body(stopBody), async (context) => {
      const { when, ...asked } = context.req.valid('json');
      const request = { ...requestOf(asked), when };
      return sendJson(context, await steer.stopCampaign(deps, context.req.param('id'), request));
    })
    .post(
      '/:id/extend',
      about('Plans more iterations, also for a campaign that has ended'),
      body(extendBody),
      async (context) => {
        const { iterations, ...asked } = context.req.valid('json');
        const request = { ...requestOf(asked), iterations };
        return sendJson(context, await steer.extendCampaign(deps, context.req.param('id'), request));
      },
    )
    .post(
      '/:id/retry',
      about('Retries the failed step of a blocked campaign, with other settings if given'),
      body(retryBody),
      async (context) => {
        const { settings, ...asked } = context.req.valid('json');
        const request = { ...requestOf(asked), ...(settings === undefined ? {} : { settings }) };
        return sendJson(context, await steer.retryIteration(deps, context.req.param('id'), request));
      },
    )
    .post(
      '/:id/accept',
      about('Continues a campaign that lost too many rollouts to infrastructure, without them'),
      body(askedBody),
      async (context) =>
        sendJson(
          context,
          await steer.acceptFailures(deps, context.req.param('id'), requestOf(context.req.valid('json'))),
        ),
    )
    .post(
      '/:id/abort',
      about('Ends a blocked campaign as failed; its head does not change'),
      body(askedBody),
      async (context) =>
        sendJson(
          context,
          await steer.abortIteration(deps, context.req.param('id'), requestOf(context.req.valid('json'))),
        ),
    )
    .post(
      '/:id/settings',
      about('Changes hyper-parameters from the next iteration on'),
      body(changeSettingsBody),
      async (context) => {
        const { settings, ...asked } = context.req.valid('json');
        const request = { ...requestOf(asked), settings };
        return sendJson(context, await steer.changeCampaignSettings(deps, context.req.param('id'), request));
      },
    )
    .post(
      '/:id/recover',
      about('Resumes a campaign that the orchestrator has lost, from the artifact store'),
      body(askedBody),
      async (context) =>
        sendJson(context, await recoverCampaign(deps, context.req.param('id'), context.req.valid('json').by)),
    )
    .post(
      '/:id/fork',
      about('Starts a campaign from a checkpoint: `<campaign>` (its head), `<campaign>/<iteration>`, or a digest'),
      body(forkBody, 'the fork'),
      async (context) =>
        sendJson(
          context,
          await forkCampaign(deps, { ...context.req.valid('json'), from: context.req.param('id') }),
          201,
        ),
    );
