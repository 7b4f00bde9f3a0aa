/** What an arm's rollouts on a problem count for, by the rules of counting. */
import type { Arm } from '../rollout/types.ts';
import type { Trials } from './posterior.ts';
import { type Counted, type CountingRules, countRollout, type ScoredSummary } from './scored-rollout.ts';

export interface ArmRollouts {
  /** Valid rollouts, which count in Q̂, in file order. */
  readonly valid: readonly (Counted & { readonly rollout: ScoredSummary })[];
  readonly trials: Trials;
}

/** The valid rollouts of one arm among those of one problem. */
export function countArm(rollouts: readonly ScoredSummary[], arm: Arm, rules: CountingRules): ArmRollouts {
  const valid = rollouts.flatMap((rollout) => {
    const counted = rollout.arm === arm ? countRollout(rollout, rules) : undefined;
    return counted === undefined ? [] : [{ rollout, ...counted }];
  });
  return { valid, trials: { right: valid.filter(({ reward }) => reward === 1).length, n: valid.length } };
}

/** The rollouts that may be learnt from. @param advantages - One for each valid rollout */
export const learntOf = ({ valid }: ArmRollouts, advantages: readonly number[]) =>
  valid.flatMap(({ rollout, isLearnt }, index) =>
    isLearnt ? [{ rolloutId: rollout.id, advantage: advantages[index] ?? 0 }] : [],
  );

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
