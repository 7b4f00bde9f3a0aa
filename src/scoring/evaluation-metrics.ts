/** What an evaluation says: accuracy per arm, code rate, and how well the model decides when to write code. */

import { groupByProblem } from '../methods/estimates.ts';
import type { DecisionPair } from '../methods/prior.ts';
import { reward, type ScoredSummary } from '../methods/scored-rollout.ts';
import { ARMS } from '../rollout/types.ts';
import { type Measure, measureMean } from './measure.ts';
import { type AnswerKey, type RepeatedSamples, repeatedSamples } from './repeated-samples.ts';

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
  readonly counts?: Readonly<Record<string, number>>;
}

interface ProblemResult {
  readonly auto?: number;
  readonly cot?: number;
  readonly code?: number;
  /** Share of the problem's auto rollouts that ran code. */
  readonly autoCode?: number;
  readonly prior?: DecisionPair;
}

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;

/** As `reward`, but a violation is a problem that the arm did not solve. */
const verdict = (rollout: ScoredSummary): 0 | 1 | undefined => (rollout.state === 'violation' ? 0 : reward(rollout));

function summariseProblem(rollouts: readonly ScoredSummary[], prior: DecisionPair | undefined): ProblemResult {
  const valid = rollouts.filter((rollout) => verdict(rollout) !== undefined);
  const armMean = (arm: ScoredSummary['arm']): number | undefined =>
    mean(valid.filter((rollout) => rollout.arm === arm).map((rollout) => verdict(rollout) ?? 0));
  const autoCode = mean(valid.filter((rollout) => rollout.arm === 'auto').map((rollout) => (rollout.ranCode ? 1 : 0)));
  const result = { auto: armMean('auto'), cot: armMean('cot'), code: armMean('code'), autoCode, prior };
  return Object.fromEntries(Object.entries(result).filter(([, value]) => value !== undefined));
}

const measured = <K extends string>(entries: Record<K, Measure | undefined>): { [key in K]?: Measure } =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as { [key in K]?: Measure };

const defined = (values: readonly (number | undefined)[]): number[] => values.filter((value) => value !== undefined);

/** `answerKey` says which wrong answers are the same vote; by default those that are written alike. */
export function evaluationMetrics(
  rollouts: readonly ScoredSummary[],
  priors: ReadonlyMap<string, DecisionPair>,
  answerKey: AnswerKey = (answer) => answer.trim(),
): EvaluationMetrics {
  const problems = [...groupByProblem(rollouts)].map(([id, group]) => summariseProblem(group, priors.get(id)));
  const both = problems.flatMap((problem) =>
    problem.cot === undefined || problem.code === undefined
      ? []
      : [{ ...problem, cot: problem.cot, code: problem.code }],
  );
  const differing = both.filter((problem) => problem.cot !== problem.code);
  const tookBetter = defined(
    differing.map(({ autoCode, code, cot }) =>
      autoCode === undefined ? undefined : code > cot ? autoCode : 1 - autoCode,
    ),
  );
  const mass = defined(differing.map(({ prior, code, cot }) => prior?.[code > cot ? 1 : 0]));
  const regret = defined(
    both.map(({ auto, cot, code }) => (auto === undefined ? undefined : Math.max(0, Math.max(cot, code) - auto))),
  );
  return {
    accuracy: measured({
      auto: measureMean(defined(problems.map((problem) => problem.auto))),
      cot: measureMean(defined(problems.map((problem) => problem.cot))),
      code: measureMean(defined(problems.map((problem) => problem.code))),
    }),
    repeated: Object.fromEntries(
      ARMS.flatMap((arm) => {
        const found = repeatedSamples(
          rollouts.filter((rollout) => rollout.arm === arm),
          answerKey,
        );
        return found === undefined ? [] : [[arm, found]];
      }),
    ),
    selectionAccuracy: measured({ greedy: measureMean(tookBetter), sampled: measureMean(mass) }),
    ...measured({
      codeRate: measureMean(defined(problems.map((problem) => problem.autoCode))),
      priorCode: measureMean(defined(problems.map((problem) => problem.prior?.[1]))),
      oracle: measureMean(both.map(({ cot, code }) => Math.max(cot, code))),
      precision: measureMean(
        differing.filter(({ autoCode }) => (autoCode ?? 0) >= 0.5).map(({ code, cot }) => (code > cot ? 1 : 0)),
      ),
      recall: measureMean(defined(differing.filter(({ code, cot }) => code > cot).map(({ autoCode }) => autoCode))),
      regret: measureMean(regret),
    }),
    counts: countExclusions(rollouts),
  };
}

function countExclusions(rollouts: readonly ScoredSummary[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const count = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  for (const rollout of rollouts) {
    count(`rollouts.${rollout.arm}`);
    if (rollout.state !== 'completed') count(`${rollout.state}.${rollout.arm}`);
    else if (rollout.grade === 'undecided') count(`undecided.${rollout.arm}`);
  }
  return counts;
}
