/** Metrics of an evaluation: accuracy per arm, code rate, and how well the model decides when to write code. */

import { groupByProblem } from '../methods/estimates.ts';
import type { DecisionPair } from '../methods/prior.ts';
import { reward, type ScoredSummary } from '../methods/scored-rollout.ts';
import { type Counts, type RolloutCount, rolloutCount, tally } from '../protocol/counts.ts';
import type { EvaluationMetrics, Measure } from '../protocol/evaluation-metrics.ts';
import { ARMS } from '../rollout/types.ts';
import { measureMean } from './measure.ts';
import { type AnswerKey, repeatedSamples } from './repeated-samples.ts';

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

function summariseProblem(rollouts: readonly ScoredSummary[], prior: DecisionPair | undefined): ProblemResult {
  const valid = rollouts.filter((rollout) => reward(rollout) !== undefined);
  const armMean = (arm: ScoredSummary['arm']): number | undefined =>
    mean(valid.filter((rollout) => rollout.arm === arm).map((rollout) => reward(rollout) ?? 0));
  const autoCode = mean(valid.filter((rollout) => rollout.arm === 'auto').map((rollout) => (rollout.ranCode ? 1 : 0)));
  const result = { auto: armMean('auto'), cot: armMean('cot'), code: armMean('code'), autoCode, prior };
  return Object.fromEntries(Object.entries(result).filter(([, value]) => value !== undefined));
}

const measured = <K extends string>(entries: Record<K, Measure | undefined>): { [key in K]?: Measure } =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as { [key in K]?: Measure };

const defined = (values: readonly (number | undefined)[]): number[] => values.filter((value) => value !== undefined);

/** `answerKey` defines which wrong answers are the same vote; by default those with equal text. */
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

/** Number of rollouts by arm, and of those that the metrics leave out or count as wrong. */
const countExclusions = (rollouts: readonly ScoredSummary[]): Counts =>
  tally(rollouts.flatMap(({ arm, ...end }) => exclusionsOf(end).map((of) => rolloutCount(of, arm))));

function exclusionsOf({ state, grade }: Omit<ScoredSummary, 'arm'>): RolloutCount[] {
  switch (state) {
    case 'completed':
      return grade === 'undecided' ? ['rollouts', 'undecided'] : ['rollouts'];
    case 'truncated':
    case 'violation':
    case 'infrastructure':
      return ['rollouts', state];
    case 'open':
    case 'awaiting-execution':
      return ['rollouts'];
  }
}
