/** `/api/campaigns`: what runs, and telling it what to do. */
import { Hono } from 'hono';
import { checkSettings } from '../campaigns/check-settings.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { markLost, requireCampaign, tell } from '../campaigns/known-campaigns.ts';
import { readRecovery } from '../campaigns/recovery.ts';
import { parseAsked, UseCaseError } from '../campaigns/use-case-error.ts';
import { campaignSchema } from '../config/campaign.ts';
import { listCampaigns, readCampaign } from '../db/read-campaigns.ts';
import { readSettingsChanges } from '../db/read-settings-changes.ts';
import type { CampaignDetail } from '../db/views.ts';
import { type CampaignStatus, isOpenStatus } from '../protocol/statuses.ts';
import { readBody } from './read-body.ts';
import { answerBody, askedBody, changeSettingsBody, extendBody, requestOf, retryBody, stopBody } from './requests.ts';

export function campaignRoutes(deps: CampaignDeps): Hono {
  const routes = new Hono();

  routes.get('/', async (context) => context.json({ campaigns: await markLost(deps, await listCampaigns(deps.db)) }));

  routes.post('/', async (context) => {
    const config = parseAsked(campaignSchema, await readBody(context), 'the campaign');
    if ((await readCampaign(deps.db, config.name)) !== undefined) {
      throw new UseCaseError(
        'conflict',
        `a campaign "${config.name}" exists already; give the new one another name, or extend the old one`,
      );
    }
    await deps.preflight(config);
    const at = new Date().toISOString();
    await deps.gateway.startCampaign({ campaignId: config.name, config });
    // Shown at once, also while the workflow waits for its first worker.
    await tell(deps, [
      { kind: 'campaign', id: config.name, status: 'running', at, config, iterationsPlanned: config.iterations },
    ]);
    return context.json({ id: config.name }, 201);
  });

  routes.get('/:id', async (context) => {
    const [campaign] = await markLost(deps, [await requireCampaign(deps, context.req.param('id'))]);
    if (campaign === undefined) throw new Error('a campaign that was marked is a campaign');
    const live = deps.watch.liveStatus(campaign.id) ?? (await readLiveStatus(deps, campaign));
    const settingsChanged = await readSettingsChanges(deps.db, campaign.id);
    return context.json({ campaign, ...(live === undefined ? {} : { live }), settingsChanged });
  });

  routes.post('/:id/pause', async (context) => {
    const request = parseAsked(askedBody, await readBody(context), 'the request');
    const { id } = await requireOpenCampaign(deps, context.req.param('id'));
    await deps.gateway.pauseCampaign(id, requestOf(request));
    return context.json({ id });
  });

  routes.post('/:id/resume', async (context) => {
    const request = parseAsked(askedBody, await readBody(context), 'the request');
    const { id } = await requireOpenCampaign(deps, context.req.param('id'));
    await deps.gateway.resumeCampaign(id, requestOf(request));
    return context.json({ id });
  });

  routes.post('/:id/stop', async (context) => {
    const { when, ...request } = parseAsked(stopBody, await readBody(context), 'the request');
    const { id } = await requireOpenCampaign(deps, context.req.param('id'));
    await deps.gateway.stopCampaign(id, when, requestOf(request));
    return context.json({ id });
  });

  routes.post('/:id/extend', async (context) => {
    const { iterations, ...asked } = parseAsked(extendBody, await readBody(context), 'the request');
    const { id, status } = await requireCampaign(deps, context.req.param('id'));
    await requireNotLost(deps, id, status);
    const at = new Date().toISOString();
    const iterationsPlanned = await deps.gateway.extendCampaign(id, { ...requestOf(asked), iterations }, async () => {
      const { input } = await readRecovery(deps.store, id);
      return input;
    });
    // A run that goes on from an earlier one's state does not say again that it runs.
    if (hasEnded(status)) await tell(deps, [{ kind: 'campaign', id, status: 'running', at, iterationsPlanned }]);
    return context.json({ id, iterationsPlanned });
  });

  for (const answer of ['retry', 'accept', 'abort'] as const) {
    routes.post(`/:id/${answer}`, async (context) => {
      const body = await readBody(context);
      const { settings, ...request } = parseAsked(answer === 'retry' ? retryBody : answerBody, body, 'the request');
      const campaign = await requireOpenCampaign(deps, context.req.param('id'));
      const changed = settings === undefined ? {} : { settings: checkSettings(campaign, settings) };
      await deps.gateway.answerBlock(campaign.id, answer, { ...requestOf(request), ...changed });
      return context.json({ id: campaign.id });
    });
  }

  /** Hyper-parameters from the next iteration on. */
  routes.post('/:id/settings', async (context) => {
    const { settings, ...request } = parseAsked(changeSettingsBody, await readBody(context), 'the request');
    const campaign = await requireOpenCampaign(deps, context.req.param('id'));
    const wanted = { ...requestOf(request), settings: checkSettings(campaign, settings) };
    const { fromIteration, changes } = await deps.gateway.changeSettings(campaign.id, wanted);
    return context.json({ id: campaign.id, fromIteration, changes });
  });

  return routes;
}

const hasEnded = (status: CampaignStatus): boolean => !isOpenStatus(status);

/** Throws `UseCaseError` `conflict` for a campaign that has ended: it takes no messages. */
async function requireOpenCampaign(deps: CampaignDeps, id: string): Promise<CampaignDetail> {
  const campaign = await requireCampaign(deps, id);
  if (!hasEnded(campaign.status)) return campaign;
  throw new UseCaseError(
    'conflict',
    `campaign "${id}" has ended (${campaign.status}); \`campaign extend\` goes on with it`,
  );
}

/** Throws `UseCaseError` `conflict` for one that should run and does not: an extension would begin its plan anew. */
async function requireNotLost(deps: CampaignDeps, id: string, status: CampaignStatus): Promise<void> {
  if (hasEnded(status)) return;
  const run = await deps.gateway.readRunState(id);
  if (run === 'missing' || run === 'failed')
    throw new UseCaseError(
      'conflict',
      `campaign "${id}" is lost; \`campaign recover\` goes on with it, then extend it`,
    );
}

/** A campaign that ended is not asked; one that can't answer now has no live status. */
async function readLiveStatus(deps: CampaignDeps, campaign: CampaignDetail) {
  if (hasEnded(campaign.status)) return undefined;
  return await deps.gateway.readStatus(campaign.id).catch(() => undefined);
}
