/** `/api/iterations` and `/api/replays`: doing an iteration again, asking what if, and comparing two. */

import { Hono } from 'hono';
import { checkSettings } from '../campaigns/check-settings.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { requireCampaign } from '../campaigns/known-campaigns.ts';
import { parseAsked, UseCaseError } from '../campaigns/use-case-error.ts';
import { type SettingStage, type Settings, stageOfSetting } from '../config/settings.ts';
import type { CampaignDetail } from '../db/views.ts';
import type { StoredIteration } from '../protocol/replay-report.ts';
import { REPLAY_STAGES, type ReplayStage } from '../protocol/stages.ts';
import { diffIterations } from '../replay/diff-iterations.ts';
import { findIteration, NoSuchIteration } from '../replay/find-iteration.ts';
import { runWhatIf } from '../replay/what-if-run.ts';
import { readBody } from './read-body.ts';
import { diffQuery, replayBody, requestOf, whatIfBody } from './requests.ts';

/** A replay to follow, or a blocked iteration that goes on with other settings. */
export type ReplayStarted =
  | { readonly kind: 'replay'; readonly id: string }
  | { readonly kind: 'retried'; readonly campaign: string; readonly iteration: number };

export function iterationRoutes(deps: CampaignDeps): Hono {
  const routes = new Hono();

  routes.get('/diff', async (context) => {
    const query = parseAsked(diffQuery, context.req.query(), 'the query');
    const [left, right] = [await requireReference(deps, query.left), await requireReference(deps, query.right)];
    return context.json(await diffIterations(deps.store, left, right));
  });

  routes.post('/:campaign/:iteration/replay', async (context) => {
    const { from, settings, ...asked } = parseAsked(replayBody, await readBody(context), 'the request');
    const { campaign, iteration } = await requireIteration(deps, context.req.param());
    const changed = Object.keys(settings).length === 0 ? {} : checkSettings(campaign, settings);
    for (const path of Object.keys(changed)) requireReplayed(path, from);
    if (Object.keys(changed).length > 0) {
      const live = await deps.gateway.readStatus(campaign.id);
      if (live?.status === 'blocked' && live.iteration === iteration && live.iterationsDone < iteration) {
        await deps.gateway.answerBlock(campaign.id, 'retry', { ...requestOf(asked), settings: changed });
        return context.json({ kind: 'retried', campaign: campaign.id, iteration } satisfies ReplayStarted, 202);
      }
      requireComparable(changed);
    }
    await findStored(deps, campaign.id, iteration);
    const { by } = requestOf(asked);
    const id = await deps.gateway.startReplay({
      campaignId: campaign.id,
      iteration,
      from,
      settings: changed,
      ...(by === undefined ? {} : { by }),
    });
    return context.json({ kind: 'replay', id } satisfies ReplayStarted, 202);
  });

  routes.post('/:campaign/:iteration/what-if', async (context) => {
    const { settings, limit } = parseAsked(whatIfBody, await readBody(context), 'the request');
    const { campaign, iteration } = await requireIteration(deps, context.req.param());
    const stored = await findStored(deps, campaign.id, iteration);
    return context.json(await runWhatIf(deps.store, stored, settings, limit));
  });

  return routes;
}

export function replayRoutes(deps: CampaignDeps): Hono {
  const routes = new Hono();
  routes.get('/:id{.+}', async (context) => {
    const id = context.req.param('id');
    if (!id.startsWith('replay/')) throw new UseCaseError('not-found', `there is no replay "${id}"`);
    return context.json(await deps.gateway.readReplay(id));
  });
  return routes;
}

async function requireIteration(
  deps: CampaignDeps,
  { campaign: id = '', iteration: text = '' }: Readonly<Record<string, string>>,
): Promise<{ readonly campaign: CampaignDetail; readonly iteration: number }> {
  const iteration = Number(text);
  if (!/^\d{1,9}$/.test(text) || iteration < 1)
    throw new UseCaseError('bad-request', `"${text}" is not the number of an iteration; they count from 1`);
  return { campaign: await requireCampaign(deps, id), iteration };
}

/** By what people type: `<campaign>/<iteration>`. */
async function requireReference(deps: CampaignDeps, reference: string): Promise<StoredIteration> {
  const [, campaign, iteration] = /^([a-z0-9][a-z0-9-]*)[/@](\d{1,9})$/.exec(reference) ?? [];
  if (campaign === undefined || iteration === undefined)
    throw new UseCaseError('bad-request', `"${reference}" is not CAMPAIGN/ITERATION, e.g. base/3`);
  const found = await requireIteration(deps, { campaign, iteration });
  return findStored(deps, found.campaign.id, found.iteration);
}

async function findStored(deps: CampaignDeps, campaign: string, iteration: number): Promise<StoredIteration> {
  try {
    return await findIteration(deps.store, campaign, iteration);
  } catch (error) {
    if (error instanceof NoSuchIteration) throw new UseCaseError('not-found', error.message);
    throw error;
  }
}

/** A setting that an earlier stage reads would be of no effect. */
function requireReplayed(path: string, from: ReplayStage): void {
  const stage: SettingStage | undefined = stageOfSetting(path);
  if (stage === undefined || REPLAY_STAGES.indexOf(stage) >= REPLAY_STAGES.indexOf(from)) return;
  throw new UseCaseError('bad-request', `${path} is read by the ${stage} stage; replay from ${stage}, or leave it out`);
}

/** Other rollouts have nothing stored to be compared with. */
function requireComparable(settings: Settings): void {
  const path = Object.keys(settings).find((name) => stageOfSetting(name) === 'sample');
  if (path === undefined) return;
  throw new UseCaseError(
    'bad-request',
    `with another ${path} other rollouts would be sampled, and there is nothing to compare them with; \`campaign fork\` samples them`,
  );
}
