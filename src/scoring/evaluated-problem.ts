/** One problem of an evaluation as a row for people: the decision, what each arm earned, and what to look at. */

import type { ScoredSummary } from '../methods/scored-rollout.ts';
import { type NoTarget, referenceStrategy, type StrategyOptions } from '../methods/strategy.ts';
import { ARMS, type Arm, type FORCED_ARMS, type Problem } from '../rollout/types.ts';
import { betterArm, type EvaluationSampling, regret } from './problem-figures.ts';
import type { ProblemResult } from './problem-results.ts';

/**
 * What a problem is looked at for. `wrong-arm`: the arms differ, and `auto` took the worse one. `both-fail`: neither forced
 * arm has a right rollout. `undecided`, `truncated`: at least one rollout of any arm is.
 */
export const PROBLEM_MARKS = ['wrong-arm', 'both-fail', 'undecided', 'truncated'] as const;
export type ProblemMark = (typeof PROBLEM_MARKS)[number];

export const DECISIONS = ['right', 'wrong'] as const;
export type Decision = (typeof DECISIONS)[number];

type ForcedArm = (typeof FORCED_ARMS)[number];

/** Verdicts of an arm: `right` of the `n` that are decided, and the undecided ones. */
export interface ArmTally {
  readonly right: number;
  readonly n: number;
  readonly undecided: number;
}

export interface EvaluatedProblem {
  readonly problem: Problem;
  /** π(code|x) at temperature 1. */
  readonly priorCode?: number;
  /** Share of the auto rollouts that ran code, and the arm of most of them. */
  readonly autoCode?: number;
  readonly taken?: ForcedArm;
  /** The arm that is surely better; absent where none is. */
  readonly better?: ForcedArm;
  /** Absent for an arm without a verdict and without an undecided grade. */
  readonly arms: { readonly [A in Arm]?: ArmTally };
  /** s*(code|x), as a training on these rollouts would set it. */
  readonly target?: number;
  readonly noTarget?: NoTarget;
  /** What the better arm earns above `auto`; may be negative. */
  readonly regret?: number;
  readonly marks: readonly ProblemMark[];
}

export interface EvaluationParts {
  /** In the order of the rows. */
  readonly problems: readonly Problem[];
  readonly summaries: readonly ScoredSummary[];
  /** By id of the problem. */
  readonly results: ReadonlyMap<string, ProblemResult>;
  readonly sampling: EvaluationSampling;
}

export function evaluatedProblems(
  { problems, summaries, results, sampling }: EvaluationParts,
  strategy: StrategyOptions,
): EvaluatedProblem[] {
  const truncated = new Set(summaries.flatMap(({ state, problemId }) => (state === 'truncated' ? [problemId] : [])));
  return problems.map((problem) => {
    const result = results.get(problem.id) ?? { arms: {} };
    const { prior, autoCode } = result;
    const [taken, better] = [takenArm(result), surelyBetter(result, sampling)];
    const lost = regret(result, sampling)?.value;
    const marked = { result, decision: decisionOn(result, sampling), isTruncated: truncated.has(problem.id) };
    return {
      problem,
      ...(prior === undefined ? {} : { priorCode: prior[1] }),
      ...(autoCode === undefined ? {} : { autoCode }),
      ...(taken === undefined ? {} : { taken }),
      ...(better === undefined ? {} : { better }),
      arms: talliesOf(result),
      ...targetOf(result, strategy),
      ...(lost === undefined ? {} : { regret: lost }),
      marks: PROBLEM_MARKS.filter((mark) => hasMark(mark, marked)),
    };
  });
}

/** The rows with a mark; all without one. */
export const withMark = (
  rows: readonly EvaluatedProblem[],
  mark: ProblemMark | undefined,
): readonly EvaluatedProblem[] => (mark === undefined ? rows : rows.filter(({ marks }) => marks.includes(mark)));

/** Whether `auto` took the better arm; undefined where neither arm is surely better. */
export function decisionOn(result: ProblemResult, sampling: EvaluationSampling): Decision | undefined {
  const [taken, better] = [takenArm(result), surelyBetter(result, sampling)];
  if (taken === undefined || better === undefined) return undefined;
  return taken === better ? 'right' : 'wrong';
}

/** The arm of most auto rollouts. */
const takenArm = ({ autoCode }: ProblemResult): ForcedArm | undefined =>
  autoCode === undefined ? undefined : autoCode >= 0.5 ? 'code' : 'cot';

function surelyBetter(result: ProblemResult, sampling: EvaluationSampling): ForcedArm | undefined {
  const better = betterArm(result, sampling);
  return better === undefined ? undefined : better.isCode ? 'code' : 'cot';
}

function talliesOf({ arms }: ProblemResult): EvaluatedProblem['arms'] {
  const tallies: { [A in Arm]?: ArmTally } = {};
  for (const arm of ARMS) {
    const found = arms[arm];
    if (found !== undefined) tallies[arm] = { right: found.right, n: found.n, undecided: found.undecided };
  }
  return tallies;
}

function targetOf(
  { prior, arms: { cot, code } }: ProblemResult,
  strategy: StrategyOptions,
): Pick<EvaluatedProblem, 'target' | 'noTarget'> {
  if (prior === undefined || cot === undefined || code === undefined || cot.n === 0 || code.n === 0) return {};
  const target = referenceStrategy(prior, cot, code, strategy);
  return typeof target === 'string' ? { noTarget: target } : { target: target[1] };
}

interface Marked {
  readonly result: ProblemResult;
  readonly decision: Decision | undefined;
  readonly isTruncated: boolean;
}

function hasMark(mark: ProblemMark, { result: { arms }, decision, isTruncated }: Marked): boolean {
  switch (mark) {
    case 'wrong-arm':
      return decision === 'wrong';
    case 'both-fail':
      return [arms.cot, arms.code].every((arm) => arm !== undefined && arm.n > 0 && arm.right === 0);
    case 'undecided':
      return ARMS.some((arm) => (arms[arm]?.undecided ?? 0) > 0);
    case 'truncated':
      return isTruncated;
  }
}
