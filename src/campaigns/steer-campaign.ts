/** The commands that steer a running campaign. The API and the buttons of the pages both call these functions. */
import type { Settings } from '../config/settings.ts';
import type { CampaignDetail } from '../db/views.ts';
import type {
  ExtendRequest,
  Request,
  RetryRequest,
  SettingsChange,
  SettingsRequest,
  StopRequest,
} from '../protocol/campaign-messages.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import { checkSettings } from './check-settings.ts';
import type { CampaignDeps } from './deps.ts';
import { record, requireCampaign } from './known-campaigns.ts';
import { readRecovery } from './recovery.ts';
import { UseCaseError } from './use-case-error.ts';

type Deps = Pick<CampaignDeps, 'db' | 'gateway'>;

export interface Asked {
  readonly id: string;
}

/** Pauses the campaign: no further step begins, and steps under way finish and are kept. @throws UseCaseError */
export async function pauseCampaign(deps: Deps, id: string, request: Request): Promise<Asked> {
  await requireOpenCampaign(deps, id);
  await deps.gateway.pauseCampaign(id, request);
  return { id };
}

/** Continues after a pause. @throws UseCaseError */
export async function resumeCampaign(deps: Deps, id: string, request: Request): Promise<Asked> {
  await requireOpenCampaign(deps, id);
  await deps.gateway.resumeCampaign(id, request);
  return { id };
}

/** @throws UseCaseError */
export async function stopCampaign(deps: Deps, id: string, { when, ...request }: StopRequest): Promise<Asked> {
  await requireOpenCampaign(deps, id);
  await deps.gateway.stopCampaign(id, when, request);
  return { id };
}

/** Plans more iterations, also for a campaign that has ended. @throws UseCaseError */
export async function extendCampaign(
  deps: Deps & Pick<CampaignDeps, 'store'>,
  id: string,
  request: ExtendRequest,
): Promise<Asked & { readonly iterationsPlanned: number }> {
  const campaign = await requireCampaign(deps, id);
  await requireNotLost(deps, campaign);
  const at = new Date().toISOString();
  const iterationsPlanned = await deps.gateway.extendCampaign(
    id,
    request,
    async () => (await readRecovery(deps.store, id)).input,
  );
  // A run that continues from the state of an earlier run does not report `running` again.
  if (!isOpenStatus(campaign.status))
    await record(deps, [{ kind: 'campaign', id, status: 'running', at, iterationsPlanned }]);
  return { id, iterationsPlanned };
}

/** Retries the failed step of a blocked campaign, with other settings if given. @throws UseCaseError, ConfigError */
export async function retryIteration(deps: Deps, id: string, { settings, ...request }: RetryRequest): Promise<Asked> {
  const campaign = await requireOpenCampaign(deps, id);
  const changed = settings === undefined ? {} : { settings: checkSettings(campaign, settings) };
  await deps.gateway.answerBlock(id, 'retry', { ...request, ...changed });
  return { id };
}

/** Continues a campaign that lost too many rollouts to infrastructure, without them. @throws UseCaseError */
export async function acceptFailures(deps: Deps, id: string, request: Request): Promise<Asked> {
  await requireOpenCampaign(deps, id);
  await deps.gateway.answerBlock(id, 'accept', request);
  return { id };
}

/** Ends a blocked campaign as failed; its head does not change. @throws UseCaseError */
export async function abortIteration(deps: Deps, id: string, request: Request): Promise<Asked> {
  await requireOpenCampaign(deps, id);
  await deps.gateway.answerBlock(id, 'abort', request);
  return { id };
}

/** Changes hyper-parameters from the next iteration on. @throws UseCaseError, ConfigError */
export async function changeCampaignSettings(
  deps: Deps,
  id: string,
  { settings, ...request }: SettingsRequest,
): Promise<Asked & Omit<SettingsChange, 'config'>> {
  const campaign = await requireOpenCampaign(deps, id);
  const checked: Settings = checkSettings(campaign, settings);
  const { fromIteration, changes } = await deps.gateway.changeSettings(id, { ...request, settings: checked });
  return { id, fromIteration, changes };
}

/** Requires a campaign that has not ended: only such a campaign takes messages. @throws UseCaseError `not-found`, `conflict` */
async function requireOpenCampaign(deps: Deps, id: string): Promise<CampaignDetail> {
  const campaign = await requireCampaign(deps, id);
  if (isOpenStatus(campaign.status)) return campaign;
  throw new UseCaseError(
    'conflict',
    `campaign "${id}" has ended (${campaign.status}); \`campaign extend\` goes on with it`,
  );
}

/** Refuses a campaign that should run and does not: an extension would restart its plan. @throws UseCaseError `conflict` */
async function requireNotLost({ gateway }: Deps, { id, status }: CampaignDetail): Promise<void> {
  if (!isOpenStatus(status)) return;
  const run = await gateway.readRunState(id);
  if (run === 'missing' || run === 'failed')
    throw new UseCaseError('conflict', `campaign "${id}" is lost; resume it with \`campaign recover\`, then extend it`);
}
