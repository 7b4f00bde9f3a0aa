/** Helpers that every use case shares: looking campaigns up, and recording facts and notes. */

import { databaseTracker } from '../db/apply-journal.ts';
import { listCampaigns, readCampaign } from '../db/read-campaigns.ts';
import type { CampaignDetail, CampaignSummary, EvaluationView } from '../db/views.ts';
import type { Fact } from '../protocol/facts.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import type { CampaignDeps } from './deps.ts';
import type { RunState } from './gateway.ts';
import { recordFacts } from './records.ts';
import { UseCaseError } from './use-case-error.ts';

/** @throws UseCaseError `not-found` that lists the known campaigns */
export async function requireCampaign(deps: Pick<CampaignDeps, 'db'>, id: string): Promise<CampaignDetail> {
  const campaign = await readCampaign(deps.db, id);
  if (campaign !== undefined) return campaign;
  const ids = (await listCampaigns(deps.db)).slice(0, 10).map((item) => item.id);
  const known = ids.length === 0 ? 'none has been started yet' : `there are ${ids.join(', ')}`;
  throw new UseCaseError('not-found', `there is no campaign "${id}"; ${known}`);
}

/** Whether the orchestrator lost the workflow. An orchestrator that can't be reached counts as not lost. */
async function markIfLost<T extends object>(item: T, state: Promise<RunState>): Promise<T> {
  const found = await state.catch(() => 'running');
  return found === 'missing' || found === 'failed' ? { ...item, lost: true as const } : item;
}

/** Marks campaigns that should be running but that the orchestrator has lost. */
export async function markLost<C extends CampaignSummary>(
  { gateway }: Pick<CampaignDeps, 'gateway'>,
  campaigns: readonly C[],
): Promise<C[]> {
  return Promise.all(
    campaigns.map((item) => (isOpenStatus(item.status) ? markIfLost(item, gateway.readRunState(item.id)) : item)),
  );
}

export async function markLostEvaluations(
  { gateway }: Pick<CampaignDeps, 'gateway'>,
  evaluations: readonly EvaluationView[],
): Promise<EvaluationView[]> {
  return Promise.all(
    evaluations.map((item) =>
      item.status === 'running' ? markIfLost(item, gateway.readEvaluationState(item.id)) : item,
    ),
  );
}

/** Writes to the journal, from which the database can be rebuilt, and to the database. */
export const record = (deps: Pick<CampaignDeps, 'db' | 'store'>, facts: readonly Fact[]): Promise<void> =>
  recordFacts({ store: deps.store, database: databaseTracker(deps.db) }, facts);
