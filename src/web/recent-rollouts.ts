import type { RolloutView } from '../server/read-rollouts.ts';

const SHOWN = 12;

/** A few rollouts that differ: of each problem one per arm, in turn, newest shards first. */
export function chooseRecent(rollouts: readonly RolloutView[], shown: number = SHOWN): RolloutView[] {
  const seen = new Set<string>();
  const chosen: RolloutView[] = [];
  for (const rollout of rollouts) {
    const key = `${rollout.problemId}#${rollout.arm}`;
    if (seen.has(key)) continue;
    seen.add(key);
    chosen.push(rollout);
    if (chosen.length === shown) return chosen;
  }
  return chosen;
}
