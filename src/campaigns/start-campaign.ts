import type { CampaignConfig } from '../config/campaign.ts';
import { withKeptCheckpoints } from '../config/kept-checkpoints.ts';
import { readCampaign } from '../db/read-campaigns.ts';
import type { CampaignDeps } from './deps.ts';
import { record } from './known-campaigns.ts';
import { UseCaseError } from './use-case-error.ts';

/**
 * Checks a campaign and starts it under the name in its configuration. Nothing is written if a check fails.
 *
 * @throws UseCaseError `conflict` for a name that is taken, `unavailable`; ConfigError, MachineError from the checks
 * @example const { id } = await startCampaign(deps, await loadCampaign('math.yaml', machine));
 */
export async function startCampaign(
  deps: Pick<CampaignDeps, 'db' | 'store' | 'gateway' | 'preflight'>,
  given: CampaignConfig,
): Promise<{ readonly id: string }> {
  const { name: id, iterations: iterationsPlanned } = given;
  await requireFreeName(deps, id, 'give the new one another name, or extend the old one');
  const { model } = await deps.preflight(given);
  const config = withKeptCheckpoints(given, model.parameters);
  const at = new Date().toISOString();
  await deps.gateway.startCampaign({ campaignId: id, config });
  // Recorded at once, so that the campaign is shown while its workflow waits for the first worker.
  await record(deps, [{ kind: 'campaign', id, status: 'running', at, config, iterationsPlanned }]);
  return { id };
}

/** @throws UseCaseError `conflict` whose message ends with `advice` */
export async function requireFreeName(deps: Pick<CampaignDeps, 'db'>, name: string, advice: string): Promise<void> {
  if ((await readCampaign(deps.db, name)) !== undefined)
    throw new UseCaseError('conflict', `a campaign "${name}" exists already; ${advice}`);
}
