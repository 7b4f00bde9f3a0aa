/** Use cases on a stored iteration: replay it, compute it with other settings (what-if), or compare two. */
import { type Settings, stageOfSetting } from '../config/settings.ts';
import type { WhatIfReport } from '../methods/what-if.ts';
import type { Request } from '../protocol/campaign-messages.ts';
import type { StoredIteration } from '../protocol/replay-report.ts';
import { REPLAY_STAGES, type ReplayStage } from '../protocol/stages.ts';
import { diffIterations, type IterationDiff } from '../replay/diff-iterations.ts';
import { findIteration, NoSuchIteration } from '../replay/find-iteration.ts';
import { runWhatIf } from '../replay/what-if-run.ts';
import { checkSettings } from './check-settings.ts';
import type { CampaignDeps } from './deps.ts';
import type { ReplayState } from './gateway.ts';
import { requireCampaign } from './known-campaigns.ts';
import { UseCaseError } from './use-case-error.ts';

export interface IterationName {
  readonly campaign: string;
  /** Counted from 1. */
  readonly iteration: number;
}

export interface ReplayAsked extends Request {
  readonly from: ReplayStage;
  /** Empty: the settings of the iteration. */
  readonly settings: Settings;
}

/** A replay that was started, or a blocked iteration that continues with other settings. */
export type ReplayStarted =
  | { readonly kind: 'replay'; readonly id: string }
  | { readonly kind: 'retried'; readonly campaign: string; readonly iteration: number };

/**
 * Replays an iteration from a stage on and compares every step with the stored one; the campaign does not change. For a
 * blocked iteration with settings, it changes the settings and retries the failed step.
 *
 * @throws UseCaseError, ConfigError
 */
export async function replayIteration(
  deps: Pick<CampaignDeps, 'db' | 'store' | 'gateway'>,
  { campaign: id, iteration }: IterationName,
  { from, settings, ...request }: ReplayAsked,
): Promise<ReplayStarted> {
  const campaign = await requireCampaign(deps, id);
  const changed = Object.keys(settings).length === 0 ? {} : checkSettings(campaign, settings);
  for (const path of Object.keys(changed)) requireReplayed(path, from);
  if (Object.keys(changed).length > 0) {
    const live = await deps.gateway.readStatus(id);
    if (live?.status === 'blocked' && live.iteration === iteration && live.iterationsDone < iteration) {
      await deps.gateway.answerBlock(id, 'retry', { ...request, settings: changed });
      return { kind: 'retried', campaign: id, iteration };
    }
    requireComparable(changed);
  }
  await requireStored(deps, { campaign: id, iteration });
  const { by } = request;
  const input = { campaignId: id, iteration, from, settings: changed, ...(by === undefined ? {} : { by }) };
  return { kind: 'replay', id: await deps.gateway.startReplay(input) };
}

/** @throws UseCaseError `not-found` */
export async function showReplay({ gateway }: Pick<CampaignDeps, 'gateway'>, id: string): Promise<ReplayState> {
  if (!id.startsWith('replay/')) throw new UseCaseError('not-found', `there is no replay "${id}"`);
  return await gateway.readReplay(id);
}

/** @throws UseCaseError, ConfigError */
export async function computeWhatIf(
  deps: Pick<CampaignDeps, 'db' | 'store'>,
  name: IterationName,
  { settings, limit }: { readonly settings: Settings; readonly limit: number },
): Promise<WhatIfReport> {
  await requireCampaign(deps, name.campaign);
  return await runWhatIf(deps.store, await requireStored(deps, name), settings, limit);
}

/** @param left, right - `<campaign>/<iteration>` @throws UseCaseError */
export async function compareIterations(
  deps: Pick<CampaignDeps, 'db' | 'store'>,
  left: string,
  right: string,
): Promise<IterationDiff> {
  const found = [];
  for (const reference of [left, right]) {
    const name = parseIterationName(reference);
    await requireCampaign(deps, name.campaign);
    found.push(await requireStored(deps, name));
  }
  const [ours, theirs] = found as [StoredIteration, StoredIteration];
  return await diffIterations(deps.store, ours, theirs);
}

function parseIterationName(reference: string): IterationName {
  const [, campaign, digits] = /^([a-z0-9][a-z0-9-]*)[/@](\d{1,9})$/.exec(reference) ?? [];
  const iteration = Number(digits);
  if (campaign === undefined || iteration < 1)
    throw new UseCaseError('bad-request', `"${reference}" is not CAMPAIGN/ITERATION, counted from 1, e.g. base/3`);
  return { campaign, iteration };
}

async function requireStored(
  { store }: Pick<CampaignDeps, 'store'>,
  { campaign, iteration }: IterationName,
): Promise<StoredIteration> {
  try {
    return await findIteration(store, campaign, iteration);
  } catch (error) {
    if (error instanceof NoSuchIteration) throw new UseCaseError('not-found', error.message);
    throw error;
  }
}

/** Refuses settings that only an earlier stage reads: they would have no effect. */
function requireReplayed(path: string, from: ReplayStage): void {
  const stage = stageOfSetting(path);
  if (stage === undefined || REPLAY_STAGES.indexOf(stage) >= REPLAY_STAGES.indexOf(from)) return;
  throw new UseCaseError('bad-request', `${path} is read by the ${stage} stage; replay from ${stage}, or leave it out`);
}

/** Refuses settings that change the rollouts: other rollouts can't be compared with the stored ones. */
function requireComparable(settings: Settings): void {
  const path = Object.keys(settings).find((name) => stageOfSetting(name) === 'sample');
  if (path === undefined) return;
  throw new UseCaseError(
    'bad-request',
    `with another ${path} other rollouts would be sampled, and there is nothing to compare them with; \`campaign fork\` samples them`,
  );
}
