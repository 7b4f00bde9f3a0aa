/** What an evaluation measures, as facts and manifests carry it. */
import type { Counts } from './counts.ts';

/** A measured mean with its 95 % interval, over n items. */
export interface Measure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** Of one arm. Infrastructure failures and undecided grades are in none of it; each `n` says over how many problems. */
export interface RepeatedSamples {
  /** Samples a problem as planned; a problem that lost some counts with those that are left. */
  readonly k: number;
  /** Mean verdict. Interval: normal over the problems, whose samples depend on each other. */
  readonly avg: Measure;
  /** Share of problems whose most frequent answer is right. Interval: Wilson. */
  readonly maj: Measure;
  /**
   * By j = 1, 2, 4, … and k: probability that one of j samples is right, the unbiased estimate 1 − C(n−c, j) / C(n, j)
   * over the problems with n ≥ j samples left. Interval: Wilson for j = k, else normal over the problems.
   */
  readonly pass: Readonly<Record<string, Measure>>;
}

export interface EvaluationMetrics {
  /** Mean verdict per arm; a violation is an unsolved problem here, infrastructure and undecided are left out. */
  readonly accuracy: { readonly auto?: Measure; readonly cot?: Measure; readonly code?: Measure };
  /** avg@k, maj@k and pass@k per arm. */
  readonly repeated?: {
    readonly auto?: RepeatedSamples;
    readonly cot?: RepeatedSamples;
    readonly code?: RepeatedSamples;
  };
  /** Share of auto rollouts that ran code. */
  readonly codeRate?: Measure;
  /**
   * Of problems where the forced arms differ: how often auto took the better one (`greedy`, what the rollouts did) and the
   * probability that the policy gives it (`sampled`, from the prior over the prefixes).
   */
  readonly selectionAccuracy: { readonly greedy?: Measure; readonly sampled?: Measure };
  /** Mean π(code|x) over the problems. */
  readonly priorCode?: Measure;
  /** Share of problems that at least one forced arm solved. */
  readonly oracle?: Measure;
  /** Of auto rollouts that ran code where the arms differ: how many should have. */
  readonly precision?: Measure;
  /** Of problems where code is the better arm: how often auto ran it. */
  readonly recall?: Measure;
  /** Accuracy lost against always taking the better arm. */
  readonly regret?: Measure;
  /** Rollouts left out: infrastructure failures, undecided grades; and violations per arm. */
  readonly counts?: Counts;
}
