import { readSettingsChanges, type SettingsChanged } from '../db/read-settings-changes.ts';
import type { CampaignDetail } from '../db/views.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import type { CampaignDeps } from './deps.ts';
import type { LiveStatus } from './gateway.ts';
import { type Health, healthOf } from './health.ts';
import { markLost, requireCampaign } from './known-campaigns.ts';
import { estimateSecondsLeft } from './progress.ts';

export interface ShownCampaign {
  readonly campaign: CampaignDetail;
  readonly health: Health;
  /** Absent for a campaign that has ended or can't answer. */
  readonly live?: LiveStatus;
  /** Settings that people changed during the campaign, oldest first. */
  readonly settingsChanged: readonly SettingsChanged[];
}

/** @throws UseCaseError `not-found` */
export async function showCampaign(
  deps: Pick<CampaignDeps, 'db' | 'gateway' | 'watch'>,
  id: string,
): Promise<ShownCampaign> {
  const known = await requireCampaign(deps, id);
  const [campaign = known] = await markLost(deps, [known]);
  const live = deps.watch.liveStatus(id) ?? (await readLiveStatus(deps, campaign));
  const settingsChanged = await readSettingsChanges(deps.db, id);
  const health = healthOf({ campaign, live, secondsLeft: estimateSecondsLeft(campaign, Date.now()) });
  return { campaign, health, ...(live === undefined ? {} : { live }), settingsChanged };
}

/** Undefined for a campaign that has ended or can't answer. */
async function readLiveStatus(
  { gateway }: Pick<CampaignDeps, 'gateway'>,
  { id, status }: CampaignDetail,
): Promise<LiveStatus | undefined> {
  if (!isOpenStatus(status)) return undefined;
  return await gateway.readStatus(id).catch(() => undefined);
}
