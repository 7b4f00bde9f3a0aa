/** Ways to answer a problem with a model: one rollout of an arm, or the majority vote of several. */
import { groupByProblem } from '../methods/estimates.ts';
import type { ScoredSummary } from '../methods/scored-rollout.ts';
import type { Arm } from '../rollout/types.ts';
import type { Item } from './measure.ts';
import { type AnswerKey, armResult } from './problem-results.ts';
import { passAt } from './repeated-samples.ts';

export interface Way {
  readonly arm: Arm;
  /** 1: one rollout. More: the majority vote of so many (self-consistency, arXiv 2203.11171). */
  readonly votes: number;
}

/** A rollout, and how often it ran code. */
export interface CostedRollout extends ScoredSummary {
  readonly executions: number;
}

export interface WayFigures {
  /** By problem; a problem without a decided rollout is absent. Of one rollout it is the mean over all samples. */
  readonly accuracy: ReadonlyMap<string, Item>;
  readonly passAt3: ReadonlyMap<string, Item>;
  /** Means over the problems: what one answer costs. The prompt counts once, since the votes share it. */
  readonly promptTokens: number;
  readonly tokens: number;
  readonly executions: number;
}

/** The rollouts of an arm by problem, in the order of their samples. */
export const groupsOfArm = (rollouts: readonly CostedRollout[], arm: Arm): ReadonlyMap<string, CostedRollout[]> =>
  new Map(
    [...groupByProblem(rollouts.filter((rollout) => rollout.arm === arm))].map(([problem, group]) => [
      problem,
      [...group].sort((a, b) => a.sample - b.sample),
    ]),
  );

/** Undefined where no problem has that many samples of the arm. */
export function figuresOfWay(
  groups: ReturnType<typeof groupsOfArm>,
  votes: Way['votes'],
  answerKey: AnswerKey,
): WayFigures | undefined {
  const accuracy = new Map<string, Item>();
  const passAt3 = new Map<string, Item>();
  const costs: { readonly prompt: number; readonly tokens: number; readonly executions: number }[] = [];
  for (const [problem, group] of groups) {
    if (group.length < votes) continue;
    const taken = votes === 1 ? group : group.slice(0, votes);
    const share = votes / taken.length;
    const sum = (of: (rollout: CostedRollout) => number): number =>
      share * taken.reduce((total, rollout) => total + of(rollout), 0);
    costs.push({
      prompt: group[0]?.promptTokens ?? 0,
      tokens: sum(({ modelTokens }) => modelTokens),
      executions: sum((rollout) => rollout.executions),
    });
    const { n, right, majority } = armResult(taken, answerKey);
    if (n > 0) accuracy.set(problem, { value: votes === 1 ? right / n : majority, weight: 1 });
    if (votes === 1 && n >= 3) passAt3.set(problem, { value: passAt(3, n, right), weight: 1 });
  }
  if (costs.length === 0) return undefined;
  const mean = (of: (cost: (typeof costs)[number]) => number): number =>
    costs.reduce((total, cost) => total + of(cost), 0) / costs.length;
  return {
    accuracy,
    passAt3,
    promptTokens: mean(({ prompt }) => prompt),
    tokens: mean(({ tokens }) => tokens),
    executions: mean(({ executions }) => executions),
  };
}
