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
  /** Mean verdict per arm. A violation counts as wrong; infrastructure failures and undecided grades are left out. */
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
   * Decision accuracy over problems where the forced arms differ: the share of auto rollouts that took the better arm
   * (`greedy`), and the policy's mean probability of the better arm (`sampled`, from the prior over the prefixes).
   */
  readonly selectionAccuracy: { readonly greedy?: Measure; readonly sampled?: Measure };
  /** Mean π(code|x) over the problems. */
  readonly priorCode?: Measure;
  /** Share of problems that at least one forced arm solved. */
  readonly oracle?: Measure;
  /** Precision of running code: the share of auto rollouts with code that should run it, where the arms differ. */
  readonly precision?: Measure;
  /** Recall of running code: the share of auto rollouts that ran it, over problems where code is the better arm. */
  readonly recall?: Measure;
  /** Accuracy lost against always taking the better arm. */
  readonly regret?: Measure;
  /** Rollouts left out (infrastructure failures, undecided grades), and violations per arm. */
  readonly counts?: Counts;
}
