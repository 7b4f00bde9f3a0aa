/** The decisions that an evaluation shows, problem by problem. */
import type { Digest } from '../artifacts/types.ts';
import { campaignSchema } from '../config/campaign.ts';
import { strategyOf } from '../config/defaults.ts';
import { readStoredSettings } from '../config/renamed-settings.ts';
import type { Database } from '../db/database.ts';
import { readCampaign } from '../db/read-campaigns.ts';
import { readEvaluation, readRequesters } from '../db/read-checkpoints.ts';
import type { EvaluationView } from '../db/views.ts';
import type { StrategyOptions } from '../methods/strategy.ts';
import { type EvaluatedProblem, evaluatedProblems } from '../scoring/evaluated-problem.ts';
import type { FinishedEvaluation, RolloutSources } from './rollout-source.ts';
import { UseCaseError } from './use-case-error.ts';

export interface EvaluationDecisions {
  readonly evaluation: EvaluationView;
  /** Campaigns that asked for it; iterations are absent for evaluations on demand. */
  readonly requesters: readonly { readonly campaignId: string; readonly iteration?: number }[];
  readonly problems: readonly EvaluatedProblem[];
}

/** s* is by the strategy of the campaign that asked first; by the default one where no campaign asked. */
export async function readDecisions(db: Database, sources: RolloutSources, id: string): Promise<EvaluationDecisions> {
  const evaluation = await requireFinished(db, id);
  const requesters = await readRequesters(db, id);
  const { plans, ...stored } = await sources.evaluation(evaluation.manifest);
  const problems = plans.flatMap((plan) => plan.problems);
  const strategy = await readStrategy(db, requesters[0]?.campaignId);
  return { evaluation, requesters, problems: evaluatedProblems({ ...stored, problems }, strategy) };
}

/** @throws UseCaseError `not-found` for an unknown evaluation, `conflict` for one that has no results */
export async function requireFinished(db: Database, id: string): Promise<FinishedEvaluation> {
  const evaluation = await readEvaluation(db, id);
  if (evaluation === undefined)
    throw new UseCaseError('not-found', `there is no evaluation "${id}"; \`eval list\` shows them`);
  const { manifest, status } = evaluation;
  if (manifest !== undefined) return { ...evaluation, manifest: manifest as Digest };
  throw new UseCaseError(
    'conflict',
    `the rollouts of ${id} can be read when it is completed; it is ${status}${evaluation.reason === undefined ? '' : ` (${evaluation.reason})`}`,
  );
}

/** The strategy of a campaign; the default one where its settings can't be read. */
export async function readStrategy(db: Database, campaignId: string | undefined): Promise<StrategyOptions> {
  const config = campaignId === undefined ? undefined : (await readCampaign(db, campaignId))?.config;
  const parsed = campaignSchema.safeParse(readStoredSettings(config));
  return strategyOf(parsed.data ?? { strategy: campaignSchema.shape.strategy.parse({}) });
}
