/** Campaigns as every part of the API asks for them, and telling of them. */
import { recordFacts } from '../../activities/records.ts';
import { recordsInto } from '../db/apply-journal.ts';
import type { CampaignStatus, Fact } from '../db/facts.ts';
import { listCampaigns, readCampaign } from '../db/read-campaigns.ts';
import type { CampaignDetail, CampaignSummary } from '../db/views.ts';
import { ApiError } from './api-error.ts';
import type { ServerDeps } from './deps.ts';

/** Throws `ApiError` `not-found` that names what there is. */
export async function requireCampaign(deps: ServerDeps, id: string): Promise<CampaignDetail> {
  const campaign = await readCampaign(deps.db, id);
  if (campaign !== undefined) return campaign;
  const ids = (await listCampaigns(deps.db)).slice(0, 10).map((item) => item.id);
  const known = ids.length === 0 ? 'none has been started yet' : `there are ${ids.join(', ')}`;
  throw new ApiError('not-found', `there is no campaign "${id}"; ${known}`);
}

export const isOpenStatus = (status: CampaignStatus): boolean => ['running', 'paused', 'blocked'].includes(status);

/** Says of campaigns that should be running whether the orchestrator has lost them. */
export async function markLost<C extends CampaignSummary>(deps: ServerDeps, campaigns: readonly C[]): Promise<C[]> {
  return Promise.all(
    campaigns.map(async (campaign) => {
      if (!isOpenStatus(campaign.status)) return campaign;
      const found = await deps.gateway.readRunState(campaign.id).catch(() => 'running');
      return found === 'missing' || found === 'failed' ? { ...campaign, lost: true as const } : campaign;
    }),
  );
}

/** Into the journal, from which the database can be rebuilt, and into the database. */
export const tell = (deps: Pick<ServerDeps, 'db' | 'store'>, facts: readonly Fact[]): Promise<void> =>
  recordFacts({ store: deps.store, ...recordsInto(deps.db) }, facts);
