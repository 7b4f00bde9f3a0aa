/** What an evaluation measures, as facts and manifests carry it. */
import type { Counts } from './counts.ts';

/** A measured mean with its 95 % interval, over n items. */
export interface Measure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** Metrics of one arm. They exclude infrastructure failures and undecided grades; each `n` is a number of problems. */
export interface RepeatedSamples {
  /** Planned samples per problem. A problem that lost samples counts with the remaining ones. */
  readonly k: number;
  /** Mean verdict. Interval: Student's over the problems, whose samples depend on each other. */
  readonly avg: Measure;
  /** Share of problems whose most frequent answer is right. Interval: Wilson. */
  readonly maj: Measure;
  /**
   * By j = 1, 2, 4, … and k: probability that one of j samples is right, the unbiased estimate 1 − C(n−c, j) / C(n, j)
   * over the problems with n ≥ j samples left. Interval: Wilson for j = k, else Student's over the problems.
   */
  readonly pass: Readonly<Record<string, Measure>>;
}

interface ByArm<T> {
  readonly auto?: T;
  readonly cot?: T;
  readonly code?: T;
}

export interface EvaluationMetrics {
  /**
   * Mean verdict per arm, avg@k with k samples. A violation counts as wrong; infrastructure failures and undecided
   * grades are left out.
   */
  readonly accuracy: ByArm<Measure>;
  /** The same with undecided grades as wrong ones, of arms that have any. Published figures count so. */
  readonly strictAccuracy?: ByArm<Measure>;
  /** avg@k, maj@k and pass@k of arms with several samples per problem. */
  readonly repeated?: ByArm<RepeatedSamples>;
  /** Share of auto rollouts that ran code. */
  readonly codeRate?: Measure;
  /**
   * Decision accuracy over problems where the forced arms differ, weighted by the difference of their accuracies: the
   * share of auto rollouts that took the better arm (`greedy`), and the policy's mean probability of the better arm
   * (`sampled`, from the prior over the prefixes, at the temperature of the auto rollouts; at 1 where they are greedy).
   * The arms differ where one is better with probability ≥ .95, or in one greedy rollout each.
   */
  readonly selectionAccuracy: { readonly greedy?: Measure; readonly sampled?: Measure };
  /** Mean π(code|x) over the problems. */
  readonly priorCode?: Measure;
  /** Mean probability that a solution begins with one of the two prefixes: below 1 % the prior says nothing. */
  readonly prefixMass?: Measure;
  /**
   * What a decider reaches that knows the better arm: the arm is chosen on half of a problem's samples and scored on the
   * other half. With one greedy rollout an arm it is the better verdict; with one sampled rollout it is not measured.
   */
  readonly oracle?: Measure;
  /** pass@2 over the arms: the probability that at least one of one rollout of each forced arm is right. */
  readonly either?: Measure;
  /** Precision of running code: the share of auto rollouts with code that should run it, where the arms differ. */
  readonly precision?: Measure;
  /** Recall of running code: the share of auto rollouts that ran it, over problems where code is the better arm. */
  readonly recall?: Measure;
  /** Oracle less accuracy of auto, over problems with both. May be negative. */
  readonly regret?: Measure;
  /** Rollouts left out (infrastructure failures, undecided grades), and violations per arm. */
  readonly counts?: Counts;
}

/**
 * Metrics of earlier versions in today's terms. They called the larger of the two arms' means the oracle: with one sample
 * an arm that is pass@2 over the arms, with more it is no oracle, since the luckier arm is the larger.
 */
export function withCurrentMetrics({ oracle, ...metrics }: EvaluationMetrics): EvaluationMetrics {
  if (oracle === undefined) return metrics;
  if (metrics.either !== undefined) return { ...metrics, oracle };
  const hasSeveral = Object.values(metrics.repeated ?? {}).some(({ k }) => k > 1);
  return hasSeveral ? { ...metrics, either: oracle } : { ...metrics, oracle, either: oracle };
}
