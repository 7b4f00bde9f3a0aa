/**
 * Curation: selects the graded rollouts to train on, with their advantages, and each query's decision target. It reads
 * summaries only, so that a what-if on a past iteration takes seconds.
 */
import { groupByProblem } from './estimates.ts';
import type { CuratedQuery, CurationSettings } from './method.ts';
import { METHODS, type MethodName } from './methods.ts';
import type { DecisionPair } from './prior.ts';
import type { ScoredSummary } from './scored-rollout.ts';

export interface CurationOptions extends CurationSettings {
  readonly method: MethodName;
}

export interface Curation {
  /** Queries that carry a signal, in file order. */
  readonly queries: readonly CuratedQuery[];
  readonly counts: CurationCounts;
}

export interface CurationCounts {
  readonly problems: number;
  /** Too few valid rollouts. */
  readonly withheld: number;
  /** Neither a decision target nor a rollout to learn from. */
  readonly noSignal: number;
  readonly ties: number;
  readonly unsolved: number;
  readonly targets: number;
  /** Targets whose larger share is not on the arm with the larger Q̂. */
  readonly targetsAgainstEstimate: number;
  readonly keptRollouts: number;
}

/** `priors` holds π(c|x) per problem id; needed by `em` only. */
export function curate(
  rollouts: readonly ScoredSummary[],
  priors: ReadonlyMap<string, DecisionPair>,
  options: CurationOptions,
): Curation {
  const method = METHODS[options.method];
  const outcomes = [...groupByProblem(rollouts)].map(([problemId, group]) => {
    const prior = priors.get(problemId);
    return method.curate({ problemId, rollouts: group, ...(prior === undefined ? {} : { prior }) }, options);
  });
  const found = outcomes.filter((outcome) => outcome.kind === 'query');
  const queries = found
    .map((outcome) => outcome.query)
    .filter((query) => query.target !== undefined || query.kept.length > 0);
  return {
    queries,
    counts: {
      problems: outcomes.length,
      withheld: outcomes.length - found.length,
      noSignal: found.length - queries.length,
      ties: found.filter((outcome) => outcome.noTarget === 'tie').length,
      unsolved: found.filter((outcome) => outcome.noTarget === 'unsolved').length,
      targets: queries.filter((query) => query.target !== undefined).length,
      targetsAgainstEstimate: queries.filter(isAgainstEstimate).length,
      keptRollouts: queries.reduce((sum, query) => sum + query.kept.length, 0),
    },
  };
}

function isAgainstEstimate({ target, estimates }: CuratedQuery): boolean {
  if (target === undefined || estimates === undefined) return false;
  return target[1] > target[0] !== estimates[1] > estimates[0];
}
