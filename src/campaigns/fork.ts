/** Forks a campaign: a new campaign that starts from a checkpoint of another, with its settings of that time and changes. */

import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { ALL_SETTINGS, applySettings, type Settings } from '../config/settings.ts';
import { listCheckpoints } from '../db/read-checkpoints.ts';
import type { CampaignInput } from '../protocol/campaign-input.ts';
import type { CampaignState } from '../protocol/campaign-state.ts';
import { decodeJournal } from '../protocol/decode-journal.ts';
import type { ForkOrigin } from '../protocol/facts.ts';
import { describeSkipped } from '../protocol/skipped-entries.ts';
import { readConfig } from '../steps/read-config.ts';
import type { CampaignDeps } from './deps.ts';
import { requireFiles, resolveCheckpoint } from './find-checkpoint.ts';
import { record } from './known-campaigns.ts';
import { requireFreeName } from './start-campaign.ts';
import { UseCaseError } from './use-case-error.ts';

export interface ForkRequest {
  /** `<campaign>` (its head), `<campaign>/<iteration>`, or a digest or its first digits. */
  readonly from: string;
  readonly name: string;
  readonly settings: Settings;
  /** Iterations to run after the forked one; default: the number that the other campaign had left, at least one. */
  readonly iterations?: number | undefined;
}

/** @throws UseCaseError; ConfigError for invalid settings */
async function planFork(
  deps: Pick<CampaignDeps, 'db' | 'store'>,
  request: ForkRequest,
): Promise<CampaignInput & { readonly forkedFrom: ForkOrigin }> {
  const { campaignId, iteration, checkpoint } = await chooseOrigin(deps, request.from);
  const state = await stateAfter(deps.store, campaignId, iteration, checkpoint);
  await requireFiles(deps, checkpoint);
  const config = await readConfig(deps.store, state.config);
  const left = Math.max(1, state.iterationsPlanned - iteration);
  const changed = applySettings(config, request.settings, ALL_SETTINGS);
  const forkedFrom: ForkOrigin = {
    campaignId,
    iteration,
    checkpoint,
    base: state.base,
    problems: state.problems,
    cursor: state.cursor,
  };
  const iterations = iteration + (request.iterations ?? left);
  return { campaignId: request.name, config: { ...changed, name: request.name, iterations }, forkedFrom };
}

export interface Forked {
  readonly id: string;
  readonly forkedFrom: ForkOrigin;
  readonly iterationsPlanned: number;
}

/**
 * Starts the new campaign.
 *
 * @param by - The actor, for the journal
 * @throws UseCaseError, ConfigError, MachineError
 */
export async function forkCampaign(
  deps: Pick<CampaignDeps, 'db' | 'store' | 'gateway' | 'preflight'>,
  { by, ...request }: ForkRequest & { readonly by?: string | undefined },
): Promise<Forked> {
  const { name: id, settings } = request;
  await requireFreeName(deps, id, 'give the fork another name');
  const input = await planFork(deps, request);
  const { config, forkedFrom } = input;
  await deps.preflight(config);
  const at = new Date().toISOString();
  const details = { ...(by === undefined ? {} : { by }), from: forkedFrom, settings };
  await deps.gateway.startCampaign({ ...input, begunBy: { kind: 'forked', details } });
  const { iterations: iterationsPlanned } = config;
  const { iteration: iterationsDone, checkpoint: head } = forkedFrom;
  const fact = { kind: 'campaign', id, status: 'running', at, config, iterationsPlanned, iterationsDone } as const;
  await record(deps, [{ ...fact, forkedFrom, head }]);
  return { id, forkedFrom, iterationsPlanned };
}

async function chooseOrigin(deps: Pick<CampaignDeps, 'db' | 'store'>, from: string) {
  const checkpoint = await resolveCheckpoint(deps, from);
  const [, named, iteration] = /^([a-z0-9][a-z0-9-]*)(?:[/@](\d+))?$/.exec(from) ?? [];
  const makers = (await listCheckpoints(deps.db)).filter(({ digest }) => digest === checkpoint);
  const maker =
    makers.find(
      (item) => item.campaignId === named && (iteration === undefined || item.iteration === Number(iteration)),
    ) ?? makers.at(-1);
  if (maker === undefined) throw new UseCaseError('not-found', `no campaign made the checkpoint ${checkpoint}`);
  return { campaignId: maker.campaignId, iteration: maker.iteration, checkpoint };
}

/** The state of the campaign after the iteration: its curriculum state and its settings. */
async function stateAfter(
  store: ArtifactStore,
  campaignId: string,
  iteration: number,
  checkpoint: Digest,
): Promise<CampaignState> {
  const { events, skipped } = decodeJournal(campaignId, await store.readJournal(campaignId));
  const states = events.flatMap((event) => (event.kind === 'state' ? [event.details] : []));
  const state = states.findLast((item) => item.iterationsDone === iteration && item.head === checkpoint);
  if (state !== undefined) return state;
  throw new UseCaseError(
    'conflict',
    skipped.length === 0
      ? `iteration ${iteration} of campaign "${campaignId}" is not complete yet: its evaluation has to end first`
      : `no state after iteration ${iteration} of campaign "${campaignId}" can be read: ${describeSkipped(skipped)}`,
  );
}
