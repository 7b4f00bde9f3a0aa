/** Q̂(x, c): the mean reward of each arm on a problem, over valid rollouts (those with a verdict on the model). */
import { reward, type ScoredSummary } from './scored-rollout.ts';
import type { ArmEstimate } from './strategy.ts';

export interface ArmRollouts {
  /** Valid rollouts with their rewards, in file order. */
  readonly valid: readonly { readonly rollout: ScoredSummary; readonly reward: 0 | 1 }[];
  readonly estimate: ArmEstimate;
}

/** The rollouts of one arm of one problem, and the valid ones among them. */
export function estimateArm(rollouts: readonly ScoredSummary[]): ArmRollouts {
  const valid = rollouts.flatMap((rollout) => {
    const r = reward(rollout);
    return r === undefined ? [] : [{ rollout, reward: r }];
  });
  const mean = valid.length === 0 ? 0 : valid.reduce((sum, item) => sum + item.reward, 0) / valid.length;
  return { valid, estimate: { mean, n: valid.length } };
}

/** Groups rollouts by problem, in order of first appearance. */
export function groupByProblem<T extends { readonly problemId: string }>(rollouts: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const rollout of rollouts) {
    const group = groups.get(rollout.problemId);
    if (group === undefined) groups.set(rollout.problemId, [rollout]);
    else group.push(rollout);
  }
  return groups;
}
