import { type Counts, lossCount, tally } from '../protocol/counts.ts';
import type { Rollout } from '../rollout/types.ts';

/** How the rollouts ended, per arm; `failed.<arm>.<cause>` for infrastructure. */
export function countRolloutEnds(rollouts: readonly Rollout[]): Counts & { readonly rollouts: number } {
  const names = rollouts.flatMap(({ state, arm, endReason = 'unknown' }) => [
    `${state}.${arm}`,
    ...(state === 'infrastructure' ? [lossCount(arm, endReason)] : []),
  ]);
  const newTokens = rollouts.reduce((sum, { modelMask }) => sum + modelMask.filter((bit) => bit === 1).length, 0);
  const allTokens = rollouts.reduce((sum, { modelMask }) => sum + modelMask.length, 0);
  return { rollouts: rollouts.length, newTokens, toolTokens: allTokens - newTokens, ...tally(names) };
}
