/** Compares two finished evaluations figure by figure, on the problems that both measured. */
import { StoreError } from '../artifacts/store-error.ts';
import type { Digest } from '../artifacts/types.ts';
import type { EvaluationView } from '../db/views.ts';
import type { EvaluationMetrics } from '../protocol/evaluation-metrics.ts';
import { commonProblems, comparePaired, compareUnpaired, type FigurePair } from '../scoring/compare-evaluations.ts';
import { readEvaluated } from '../steps/evaluate.ts';
import type { CampaignDeps } from './deps.ts';
import { showEvaluation } from './start-evaluation.ts';
import { UseCaseError } from './use-case-error.ts';

export interface EvaluationComparison {
  readonly left: EvaluationView;
  readonly right: EvaluationView;
  /** On how many problems, or why it is unpaired. */
  readonly pairing:
    | { readonly kind: 'paired'; readonly problems: number }
    | { readonly kind: 'unpaired'; readonly reason: string };
  readonly figures: readonly FigurePair[];
}

/** @throws UseCaseError `not-found` for an unknown evaluation, `conflict` for one without figures */
export async function compareKnownEvaluations(
  deps: Pick<CampaignDeps, 'db' | 'gateway' | 'store'>,
  { left: leftId, right: rightId }: { readonly left: string; readonly right: string },
): Promise<EvaluationComparison> {
  const [left, right] = await Promise.all([showEvaluation(deps, leftId), showEvaluation(deps, rightId)]);
  const [leftMetrics, rightMetrics] = [requireMetrics(left), requireMetrics(right)];
  const unpaired = (reason: string): EvaluationComparison => ({
    left,
    right,
    pairing: { kind: 'unpaired', reason },
    figures: compareUnpaired(leftMetrics, rightMetrics),
  });
  try {
    const [lefts, rights] = [await read(deps, left), await read(deps, right)];
    const problems = commonProblems(lefts, rights);
    if (problems === undefined) return unpaired('they measured different problems');
    const figures = await comparePaired(lefts, rights, problems, `${leftId} ${rightId}`);
    return { left, right, pairing: { kind: 'paired', problems: problems.length }, figures };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return unpaired(`their rollouts can't be read: ${error.message}`);
  }
}

function read({ store }: Pick<CampaignDeps, 'store'>, { id, manifest }: EvaluationView) {
  if (manifest !== undefined) return readEvaluated(store, manifest as Digest);
  throw new StoreError('step-missing', `the database names no results of ${id}`);
}

function requireMetrics({ id, status, reason, metrics }: EvaluationView): EvaluationMetrics {
  if (metrics !== undefined) return metrics;
  const why = reason === undefined ? '' : ` (${reason})`;
  throw new UseCaseError(
    'conflict',
    `${id} has no figures: it is ${status}${why}; compare evaluations that are completed`,
  );
}
