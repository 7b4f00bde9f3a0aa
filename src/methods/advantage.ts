/** Advantages of a group of rollouts of one query: A = (r − mean) / (std + ε). */

/** Keeps a group of equal rewards at 0, and limits the advantages of nearly equal rewards. */
const EPSILON = 1e-6;

/**
 * One advantage per reward, with the population standard deviation. All are 0 if all rewards are equal, since such a group
 * has no signal.
 *
 * @example groupAdvantages([1, 0]); // about [1, -1]
 */
export function groupAdvantages(rewards: readonly number[]): number[] {
  if (rewards.length === 0) return [];
  const mean = rewards.reduce((sum, r) => sum + r, 0) / rewards.length;
  const variance = rewards.reduce((sum, r) => sum + (r - mean) ** 2, 0) / rewards.length;
  if (variance === 0) return rewards.map(() => 0);
  return rewards.map((r) => (r - mean) / (Math.sqrt(variance) + EPSILON));
}

/** The rollouts that the training set holds: those with an advantage, and with `anchors` all others too. */
export function withAnchors<T extends { readonly advantage: number }>(
  rollouts: readonly T[],
  settings: { readonly anchors?: true },
): readonly T[] {
  return settings.anchors === true ? rollouts : rollouts.filter(({ advantage }) => advantage !== 0);
}
