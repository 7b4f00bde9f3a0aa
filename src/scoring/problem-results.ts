/** What the rollouts of an evaluation say about each problem: the unit that every metric is a mean over. */
import { groupByProblem } from '../methods/estimates.ts';
import type { Trials } from '../methods/posterior.ts';
import { type DecisionPair, prefixMass, priorFromLogProbs } from '../methods/prior.ts';
import { reward, type ScoredSummary } from '../methods/scored-rollout.ts';
import { ARMS, type Arm } from '../rollout/types.ts';

/** The key of an answer in a vote: answers with equal keys are the same vote. */
export type AnswerKey = (answer: string) => string;

/** Verdicts of an arm on a problem. `n` leaves out infrastructure failures and undecided grades. */
export interface ArmResult extends Trials {
  readonly undecided: number;
  /** Rollouts of the arm, whatever became of them. */
  readonly planned: number;
  /** 1 if the right answer has the most votes, 1/m if m answers tie with it, otherwise 0. */
  readonly majority: number;
}

export interface ProblemResult {
  /** Absent for an arm without a verdict and without an undecided grade. */
  readonly arms: { readonly [A in Arm]?: ArmResult };
  /** Share of the problem's auto rollouts that ran code. */
  readonly autoCode?: number;
  /** π(c|x) at temperature 1. */
  readonly prior?: DecisionPair;
  /** P(a solution begins with one of the two prefixes). */
  readonly prefixMass?: number;
}

/** `prefixLogProbs`: log π(g_c|x) of both prefixes, by id of the problem. */
export function problemResults(
  rollouts: readonly ScoredSummary[],
  prefixLogProbs: ReadonlyMap<string, DecisionPair>,
  answerKey: AnswerKey,
): Map<string, ProblemResult> {
  return new Map(
    [...groupByProblem(rollouts)].map(([id, group]) => [id, resultOf(group, prefixLogProbs.get(id), answerKey)]),
  );
}

function resultOf(
  rollouts: readonly ScoredSummary[],
  logProbs: DecisionPair | undefined,
  answerKey: AnswerKey,
): ProblemResult {
  const arms: { [A in Arm]?: ArmResult } = {};
  for (const arm of ARMS) {
    const found = armResult(
      rollouts.filter((rollout) => rollout.arm === arm),
      answerKey,
    );
    if (found.n + found.undecided > 0) arms[arm] = found;
  }
  const auto = rollouts.filter((rollout) => rollout.arm === 'auto' && reward(rollout) !== undefined);
  return {
    arms,
    ...(auto.length === 0 ? {} : { autoCode: auto.filter(({ ranCode }) => ranCode).length / auto.length }),
    ...(logProbs === undefined ? {} : { prior: priorFromLogProbs(logProbs), prefixMass: prefixMass(logProbs) }),
  };
}

/** The verdicts of one arm's rollouts on one problem. A violation counts as a wrong answer, unless it was graded. */
export function armResult(rollouts: readonly ScoredSummary[], answerKey: AnswerKey): ArmResult {
  const decided = rollouts.filter((rollout) => reward(rollout) !== undefined);
  return {
    right: decided.filter((rollout) => reward(rollout) === 1).length,
    n: decided.length,
    undecided: rollouts.filter(({ grade }) => grade === 'undecided').length,
    planned: rollouts.length,
    majority: majority(decided, answerKey),
  };
}

/** All right answers are the same vote; a sample without an answer has no vote. */
function majority(decided: readonly ScoredSummary[], answerKey: AnswerKey): number {
  let right = 0;
  const wrong = new Map<string, number>();
  for (const rollout of decided) {
    if (reward(rollout) === 1) right += 1;
    else if (rollout.state === 'completed' && rollout.answer !== undefined) {
      const key = answerKey(rollout.answer);
      wrong.set(key, (wrong.get(key) ?? 0) + 1);
    }
  }
  const most = Math.max(right, ...wrong.values());
  if (right === 0 || right < most) return 0;
  return 1 / (1 + [...wrong.values()].filter((votes) => votes === most).length);
}
