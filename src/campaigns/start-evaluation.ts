import { StoreError } from '../artifacts/store-error.ts';
import { cutValidation } from '../datasets/cut-validation.ts';
import { listEvaluations, readEvaluation } from '../db/read-checkpoints.ts';
import type { EvaluationView } from '../db/views.ts';
import type { EvaluationRequest } from '../protocol/activities.ts';
import { describeEvaluation, type ResolveProblems } from '../steps/describe-evaluation.ts';
import { type ChosenEvaluation, chooseEvaluation } from './choose-evaluation.ts';
import type { CampaignDeps } from './deps.ts';
import type { EvaluationAsked } from './evaluation-request.ts';
import { resolveCheckpoint } from './find-checkpoint.ts';
import { markLostEvaluations, record, requireCampaign } from './known-campaigns.ts';
import { UseCaseError } from './use-case-error.ts';

/**
 * Starts the evaluation of a checkpoint; it runs in parallel to campaigns. Equal requests have equal ids: the second
 * joins the first.
 *
 * @throws UseCaseError, ConfigError, StoreError
 */
export async function startEvaluation(deps: StartDeps, asked: EvaluationAsked): Promise<{ readonly id: string }> {
  const described = await describe(deps, asked);
  await start(deps, described);
  return { id: described.request.workflowId };
}

/** Starts several, once all of them are found valid. In the order of `asked`. @throws UseCaseError, ConfigError, StoreError */
export async function startEvaluations(
  deps: StartDeps,
  asked: readonly EvaluationAsked[],
): Promise<{ readonly ids: string[] }> {
  const described: Described[] = [];
  for (const one of asked) described.push(await describe(deps, one));
  for (const one of described) await start(deps, one);
  return { ids: described.map(({ request }) => request.workflowId) };
}

type StartDeps = Pick<CampaignDeps, 'db' | 'store' | 'gateway' | 'resolveProblems'>;

interface Described extends Pick<ChosenEvaluation, 'checkpoint' | 'suite' | 'campaignId' | 'iteration'> {
  readonly request: EvaluationRequest;
}

async function describe(deps: StartDeps, asked: EvaluationAsked): Promise<Described> {
  const { checkpoint, settings, suite, cutFrom, campaignId, iteration } = await chooseEvaluation(deps, asked);
  const resolveProblems: ResolveProblems =
    cutFrom === undefined
      ? deps.resolveProblems
      : async (_sources, seed) =>
          cutValidation(await deps.resolveProblems(cutFrom.problems, seed), cutFrom.count).validation.slice(
            0,
            suite.problems.limit,
          );
  const request = await describeEvaluation({ store: deps.store, resolveProblems }, settings, checkpoint, suite).catch(
    (error: unknown) => {
      // A failure of the store is not an error of the request.
      if (error instanceof StoreError) throw error;
      throw new UseCaseError(
        'bad-request',
        `suite "${suite.suite}": ${error instanceof Error ? error.message : error}`,
      );
    },
  );
  return {
    request,
    checkpoint,
    suite,
    ...(campaignId === undefined ? {} : { campaignId }),
    ...(iteration === undefined ? {} : { iteration }),
  };
}

async function start(deps: StartDeps, { request, checkpoint, suite, campaignId, iteration }: Described): Promise<void> {
  const id = request.workflowId;
  const last = await readEvaluation(deps.db, id);
  // Recorded before the start, so that it is older than every fact of the evaluation.
  const at = new Date().toISOString();
  await deps.gateway.startEvaluation(request, last?.status === 'failed');
  const named = {
    ...(campaignId === undefined ? {} : { campaignId }),
    ...(iteration === undefined ? {} : { iteration }),
  };
  await record(deps, [{ kind: 'evaluation', id, checkpoint, suite: suite.suite, status: 'running', at, ...named }]);
}

/** Cancels an evaluation. Finished shards are kept; an equal request continues from them. @throws UseCaseError */
export async function cancelEvaluation(
  deps: Pick<CampaignDeps, 'db' | 'gateway'>,
  id: string,
): Promise<{ readonly id: string }> {
  const { status } = await requireEvaluation(deps, id);
  if (status !== 'running')
    throw new UseCaseError('conflict', `evaluation "${id}" has ended (${status}); there is nothing to cancel`);
  await deps.gateway.cancelEvaluation(id);
  return { id };
}

/** @throws UseCaseError `not-found` */
export async function showEvaluation(deps: Pick<CampaignDeps, 'db' | 'gateway'>, id: string): Promise<EvaluationView> {
  const known = await requireEvaluation(deps, id);
  const [evaluation = known] = await markLostEvaluations(deps, [known]);
  return evaluation;
}

async function requireEvaluation({ db }: Pick<CampaignDeps, 'db'>, id: string): Promise<EvaluationView> {
  const evaluation = await readEvaluation(db, id);
  if (evaluation !== undefined) return evaluation;
  throw new UseCaseError('not-found', `there is no evaluation "${id}"; \`eval list\` shows them`);
}

/** Newest first. @throws UseCaseError for an unknown campaign or checkpoint */
export async function listKnownEvaluations(
  deps: Pick<CampaignDeps, 'db' | 'gateway'>,
  of: { readonly campaign?: string | undefined; readonly checkpoint?: string | undefined },
): Promise<EvaluationView[]> {
  if (of.campaign !== undefined)
    return await markLostEvaluations(deps, (await requireCampaign(deps, of.campaign)).evaluations);
  const checkpoint = of.checkpoint === undefined ? undefined : await resolveCheckpoint(deps, of.checkpoint);
  return await markLostEvaluations(deps, await listEvaluations(deps.db, checkpoint));
}
