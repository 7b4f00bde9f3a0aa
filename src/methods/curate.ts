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
  /** Queries that carry a signal, and with anchors all others that have a valid rollout; in file order. */
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
  /** Rollouts with an advantage. */
  readonly keptRollouts: number;
  /** Rollouts that only the KL anchor reads; absent without an anchor. */
  readonly anchorRollouts?: number;
  /** Pairs of a right and a wrong rollout, and those of them across arms; absent for methods without pairs. */
  readonly pairs?: number;
  readonly pairsAcrossArms?: number;
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
  const withSignal = found.filter(({ query }) => hasSignal(query)).length;
  // Anchors alone teach nothing.
  const queries = found
    .map((outcome) => outcome.query)
    .filter((query) => withSignal > 0 && (hasSignal(query) || query.kept.length > 0));
  const kept = queries.flatMap((query) => query.kept);
  const learntFrom = kept.filter(isLearntFrom).length;
  return {
    queries,
    counts: {
      problems: outcomes.length,
      withheld: outcomes.length - found.length,
      noSignal: found.length - withSignal,
      ties: found.filter((outcome) => outcome.noTarget === 'tie').length,
      unsolved: found.filter((outcome) => outcome.noTarget === 'unsolved').length,
      targets: queries.filter((query) => query.target !== undefined).length,
      targetsAgainstEstimate: queries.filter(isAgainstEstimate).length,
      keptRollouts: learntFrom,
      ...(options.anchors === true ? { anchorRollouts: kept.length - learntFrom } : {}),
      ...countPairs(queries, rollouts),
    },
  };
}

function countPairs(
  queries: readonly CuratedQuery[],
  rollouts: readonly ScoredSummary[],
): Pick<CurationCounts, 'pairs' | 'pairsAcrossArms'> {
  const pairs = queries.flatMap((query) => query.pairs ?? []);
  if (pairs.length === 0) return {};
  const armOf = new Map(rollouts.map(({ id, arm }) => [id, arm]));
  const across = pairs.filter(({ right, wrong }) => armOf.get(right) !== armOf.get(wrong));
  return { pairs: pairs.length, pairsAcrossArms: across.length };
}

const isLearntFrom = ({ advantage }: CuratedQuery['kept'][number]): boolean => advantage !== 0;

const hasSignal = ({ target, kept }: CuratedQuery): boolean => target !== undefined || kept.some(isLearntFrom);

function isAgainstEstimate({ target, estimates }: CuratedQuery): boolean {
  if (target === undefined || estimates === undefined) return false;
  return target[1] > target[0] !== estimates[1] > estimates[0];
}
