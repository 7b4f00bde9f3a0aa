/** The interface of a training method: the arms it samples, the rollouts it trains on, and its objective. One file per method. */
import type { Arm } from '../rollout/types.ts';
import type { PreferencePair } from './preference-pairs.ts';
import type { DecisionPair } from './prior.ts';
import type { CountingRules, ScoredSummary } from './scored-rollout.ts';
import type { StrategyOptions } from './strategy.ts';

/** Rollouts per problem in one arm. */
export interface ArmSamples {
  readonly arm: Arm;
  readonly samples: number;
}

/** Settings of the curation, which all methods share. */
export interface CurationSettings extends CountingRules {
  readonly strategy: StrategyOptions;
  /** Valid rollouts that an arm needs; problems with fewer are left out. */
  readonly minValid: number;
  /** Advantages over both arms together, as in the paper, in place of per arm. */
  readonly pooledAdvantages: boolean;
  /**
   * `all`: every valid rollout of both arms with an advantage. `by-strategy`: as in the paper, an arm keeps a share
   * s*(c) / max s* of its rollouts. The policy gradient on both arms preserves their accuracy while the decision's
   * cross-entropy changes the shared weights: on the testbed `by-strategy` costs the weaker arm up to 12 points.
   */
  readonly rollouts: 'all' | 'by-strategy';
  /** At most this many correct rollouts (`rft`) or pairs (`dpo`) of a problem; absent = all. */
  readonly perProblem?: number;
  /** Of `rft`: of rollouts with the same solution one. Needs `ScoredSummary.solution`. */
  readonly distinct?: true;
  /** Keeps every valid rollout; those without an advantage have advantage 0, and only the KL anchor reads them. */
  readonly anchors?: true;
  readonly seed: string;
}

/** One problem's graded rollouts. */
export interface ProblemGroup {
  readonly problemId: string;
  readonly rollouts: readonly ScoredSummary[];
  /** π(c|x); absent if no prefix was scored. */
  readonly prior?: DecisionPair;
}

export interface CuratedQuery {
  readonly problemId: string;
  readonly target?: DecisionPair;
  /** Q̂ per arm, for people and for decision metrics; only for methods with two arms. */
  readonly estimates?: DecisionPair;
  readonly kept: readonly { readonly rolloutId: string; readonly advantage: number }[];
  /** Of kept rollouts; only for methods that compare rollouts. */
  readonly pairs?: readonly PreferencePair[];
}

/** The result of a method for one problem; `withheld`: too few valid rollouts. */
export type CurationOutcome =
  | { readonly kind: 'withheld' }
  | { readonly kind: 'query'; readonly query: CuratedQuery; readonly noTarget?: 'tie' | 'unsolved' };

/** A fixed λ, or one that keeps the decision's share of the gradient. */
export type DecisionWeight = number | { readonly share: number; readonly max: number };

/** The loss that the trainer minimises. */
export interface Objective {
  /** Clipped importance-weighted policy gradient, plain cross-entropy, or preference of one rollout to another. */
  readonly objective: 'policy-gradient' | 'cross-entropy' | 'preference';
  /** λ: weight of the decision's cross-entropy; 0 = none. */
  readonly decisionWeight: DecisionWeight;
  /** Tolerance on mean |ρ − 1|; absent if the objective has no importance ratios. */
  readonly ratioTolerance?: number;
  /** β of DPO; only with `preference`. */
  readonly preferenceBeta?: number;
}

/** What an objective takes from the section `train` of the settings. */
export interface ObjectiveSettings {
  readonly decisionWeight: DecisionWeight;
  readonly ratioTolerance: number;
  /** Absent: the method's own. */
  readonly preferenceBeta?: number | undefined;
}

export interface Method {
  /** A clause for the documentation of the setting `method`. */
  readonly summary: string;
  /** The arms that it samples; `samplesPerArm` is the setting K, and `autoSamples` is 0 for methods that force no arm. */
  arms(samplesPerArm: number, autoSamples?: number): readonly ArmSamples[];
  /** Selects the rollouts of a problem to train on, their weights, and the problem's decision target. Pure. */
  curate(group: ProblemGroup, settings: CurationSettings): CurationOutcome;
  /** The objective of the M-step, from the section `train` of the settings. */
  objective(train: ObjectiveSettings): Objective;
}
