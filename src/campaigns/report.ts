/** Which trackers get the figures of a campaign, how far each is, and sending them again. */
import { TRACKER_NAMES, type TrackerName } from '../config/tracker-names.ts';
import type { CampaignDetail } from '../db/views.ts';
import type { CampaignDeps } from './deps.ts';
import { requireCampaign } from './known-campaigns.ts';
import type { TrackerState } from './report-desk.ts';
import { UseCaseError } from './use-case-error.ts';

/** The trackers that the campaign's file names. */
export function trackersOf(campaign: Pick<CampaignDetail, 'config'> | undefined): TrackerName[] {
  const { report } = (campaign?.config ?? {}) as { report?: unknown };
  return Array.isArray(report) ? TRACKER_NAMES.filter((name) => report.includes(name)) : [];
}

/** @throws UseCaseError `not-found` */
export async function readReport(deps: Pick<CampaignDeps, 'db' | 'reports'>, id: string): Promise<TrackerState[]> {
  const trackers = trackersOf(await requireCampaign(deps, id));
  return Promise.all(trackers.map((tracker) => deps.reports.readState(id, tracker)));
}

/**
 * @param tracker - Undefined: all of the campaign
 * @throws UseCaseError `not-found`; `bad-request` for a tracker that the campaign's file does not name
 */
export async function resendReport(
  deps: Pick<CampaignDeps, 'db' | 'reports'>,
  id: string,
  tracker?: TrackerName,
): Promise<readonly TrackerName[]> {
  const configured = trackersOf(await requireCampaign(deps, id));
  const wanted = tracker === undefined ? configured : configured.filter((name) => name === tracker);
  if (wanted.length === 0)
    throw new UseCaseError(
      'bad-request',
      `${id} reports to ${configured.join(', ') || 'no tracker'}${tracker === undefined ? '' : `, not to ${tracker}`}; the setting report of its file names them`,
    );
  await deps.reports.resend(id, wanted);
  return wanted;
}
