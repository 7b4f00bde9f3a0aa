/**
 * Curation: from graded rollouts to what is trained on. Works on summaries alone, so that "what if" over a past
 * iteration takes seconds. Which rollouts are kept, with which advantage, and each query's decision target.
 */
import { createRandom } from '../formats/random.ts';
import { groupAdvantages } from './advantage.ts';
import { type ArmRollouts, estimateArm, groupByProblem } from './estimates.ts';
import type { DecisionPair } from './prior.ts';
import type { ScoredSummary } from './scored-rollout.ts';
import { referenceStrategy, type StrategyOptions } from './strategy.ts';

export interface CurationOptions {
  readonly method: 'em' | 'rl' | 'sft';
  readonly strategy: StrategyOptions;
  /** Valid rollouts an arm needs before anything is learnt from the problem. */
  readonly minValid: number;
  /** Advantages over both arms together, as in the paper, in place of per arm. */
  readonly pooledAdvantages: boolean;
  /**
   * `all`: every valid rollout of both arms with an advantage. `by-strategy`: as in the paper, an arm keeps a share
   * s*(c) / max s* of its rollouts. The policy gradient on both arms is what keeps them able while the decision's
   * cross-entropy moves the shared weights: on the testbed `by-strategy` costs the weaker arm up to 12 points.
   */
  readonly rollouts: 'all' | 'by-strategy';
  readonly seed: string;
}

export interface CuratedQuery {
  readonly problemId: string;
  readonly target?: DecisionPair;
  /** Q̂ per arm, for people and for decision metrics; `em` only. */
  readonly estimates?: DecisionPair;
  readonly kept: readonly { readonly rolloutId: string; readonly advantage: number }[];
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

type Outcome =
  | { readonly kind: 'withheld' }
  | { readonly kind: 'query'; readonly query: CuratedQuery; readonly noTarget?: 'tie' | 'unsolved' };

/** `priors` holds π(c|x) per problem id; needed by `em` only. */
export function curate(
  rollouts: readonly ScoredSummary[],
  priors: ReadonlyMap<string, DecisionPair>,
  options: CurationOptions,
): Curation {
  const outcomes = [...groupByProblem(rollouts)].map(([problemId, group]) =>
    curateProblem(problemId, group, priors.get(problemId), options),
  );
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

function curateProblem(
  problemId: string,
  group: readonly ScoredSummary[],
  prior: DecisionPair | undefined,
  options: CurationOptions,
): Outcome {
  switch (options.method) {
    case 'em':
      return curateArms(problemId, group, prior, options);
    case 'rl':
      return curateAuto(problemId, group, options, 'advantage');
    case 'sft':
      return curateAuto(problemId, group, options, 'correct');
  }
}

function isAgainstEstimate({ target, estimates }: CuratedQuery): boolean {
  if (target === undefined || estimates === undefined) return false;
  return target[1] > target[0] !== estimates[1] > estimates[0];
}

function curateArms(
  problemId: string,
  group: readonly ScoredSummary[],
  prior: DecisionPair | undefined,
  options: CurationOptions,
): Outcome {
  const cot = estimateArm(group.filter((rollout) => rollout.arm === 'cot'));
  const code = estimateArm(group.filter((rollout) => rollout.arm === 'code'));
  if (cot.estimate.n < options.minValid || code.estimate.n < options.minValid) return { kind: 'withheld' };
  if (prior === undefined)
    throw new Error(`problem ${problemId} has no prior; the sample step must score both prefixes`);
  const target = referenceStrategy(prior, cot.estimate, code.estimate, options.strategy);
  const isPair = typeof target !== 'string';
  const kept = keepByStrategy(cot, code, isPair ? target : [0.5, 0.5], options, problemId);
  const query: CuratedQuery = {
    problemId,
    estimates: [cot.estimate.mean, code.estimate.mean],
    kept,
    ...(isPair ? { target } : {}),
  };
  return { kind: 'query', query, ...(isPair ? {} : { noTarget: target }) };
}

/**
 * Advantages first, over every valid rollout; then the choice of rollouts. Those without an advantage teach nothing and
 * are left out.
 */
function keepByStrategy(
  cot: ArmRollouts,
  code: ArmRollouts,
  strategy: DecisionPair,
  options: CurationOptions,
  problemId: string,
): CuratedQuery['kept'] {
  const pooled = options.pooledAdvantages
    ? groupAdvantages([...cot.valid, ...code.valid].map((item) => item.reward))
    : undefined;
  const largest = Math.max(...strategy);
  const keepArm = (arm: ArmRollouts, share: number, pooledFrom: number, name: string): CuratedQuery['kept'] => {
    const advantages =
      pooled?.slice(pooledFrom, pooledFrom + arm.valid.length) ?? groupAdvantages(arm.valid.map((item) => item.reward));
    const all = arm.valid.map((item, index) => ({ rolloutId: item.rollout.id, advantage: advantages[index] ?? 0 }));
    const count = options.rollouts === 'all' ? all.length : Math.round((all.length * share) / largest);
    const isLearntFrom = (item: { readonly advantage: number }): boolean => item.advantage !== 0;
    if (count >= all.length) return all.filter(isLearntFrom);
    const order = createRandom(`${options.seed}/${problemId}/${name}`).shuffle(all.map((_, index) => index));
    const chosen = new Set(order.slice(0, count));
    return all.filter((item, index) => chosen.has(index) && isLearntFrom(item));
  };
  return [...keepArm(cot, strategy[0], 0, 'cot'), ...keepArm(code, strategy[1], cot.valid.length, 'code')];
}

/** `rl`: group advantages over the auto rollouts. `sft`: the correct ones, each with weight 1. */
function curateAuto(
  problemId: string,
  group: readonly ScoredSummary[],
  options: CurationOptions,
  keep: 'advantage' | 'correct',
): Outcome {
  const auto = estimateArm(group.filter((rollout) => rollout.arm === 'auto'));
  if (auto.estimate.n < options.minValid) return { kind: 'withheld' };
  const advantages =
    keep === 'advantage'
      ? groupAdvantages(auto.valid.map((item) => item.reward))
      : auto.valid.map((item) => item.reward);
  const kept = auto.valid
    .map((item, index) => ({ rolloutId: item.rollout.id, advantage: advantages[index] ?? 0 }))
    .filter((item) => item.advantage !== 0);
  return { kind: 'query', query: { problemId, kept } };
}
