/** Pairs of a right and a wrong rollout of one problem, which preference learning compares. */
import { createRandom } from '../formats/random.ts';
import type { Arm } from '../rollout/types.ts';

/** Ids of two rollouts of one problem. */
export interface PreferencePair {
  readonly right: string;
  readonly wrong: string;
}

export interface Comparable {
  readonly id: string;
  readonly arm: Arm;
  readonly isRight: boolean;
  /** Tokens that the model wrote. */
  readonly tokens: number;
}

interface Candidate extends PreferencePair {
  readonly isAcross: boolean;
  /** Difference of the lengths, in tokens. */
  readonly gap: number;
}

/**
 * Every right rollout beside every wrong one. Of more than `limit` pairs it keeps those across arms, which teach the
 * decision, and those within an arm, which teach the solution, by turns; each time one of the rollouts that are least used so far, then
 * with the smallest difference in length, so that length teaches little. `seed` decides between equals.
 *
 * @example choosePairs([{ id: 'a', arm: 'code', isRight: true, tokens: 9 }, { id: 'b', arm: 'cot', isRight: false, tokens: 7 }], 4, 's');
 * // [{ right: 'a', wrong: 'b' }]
 */
export function choosePairs(
  rollouts: readonly Comparable[],
  limit: number | undefined,
  seed: string,
): readonly PreferencePair[] {
  const wrongs = rollouts.filter(({ isRight }) => !isRight);
  const pairs = rollouts.flatMap((right) => (right.isRight ? wrongs.map((wrong) => candidateOf(right, wrong)) : []));
  if (limit === undefined || pairs.length <= limit) return pairs.map(idsOf);
  const left = new Set(createRandom(seed).shuffle(pairs));
  const uses = new Map<string, number>();
  const use = (id: string): void => void uses.set(id, (uses.get(id) ?? 0) + 1);
  const costOf = ({ right, wrong, gap }: Candidate): readonly [number, number] => [
    (uses.get(right) ?? 0) + (uses.get(wrong) ?? 0),
    gap,
  ];
  const chosen: Candidate[] = [];
  while (chosen.length < limit) {
    const wantsAcross = chosen.length % 2 === 0;
    const kind = [...left].filter(({ isAcross }) => isAcross === wantsAcross);
    const best = leastBy(kind.length > 0 ? kind : [...left], costOf);
    if (best === undefined) break;
    left.delete(best);
    chosen.push(best);
    use(best.right);
    use(best.wrong);
  }
  return chosen.map(idsOf);
}

const candidateOf = (right: Comparable, wrong: Comparable): Candidate => ({
  right: right.id,
  wrong: wrong.id,
  isAcross: right.arm !== wrong.arm,
  gap: Math.abs(right.tokens - wrong.tokens),
});

const idsOf = ({ right, wrong }: PreferencePair): PreferencePair => ({ right, wrong });

/** The first item of the smallest cost. */
function leastBy<T>(items: readonly T[], costOf: (item: T) => readonly [number, number]): T | undefined {
  let least: { readonly item: T; readonly cost: readonly [number, number] } | undefined;
  for (const item of items) {
    const cost = costOf(item);
    if (least === undefined || cost[0] < least.cost[0] || (cost[0] === least.cost[0] && cost[1] < least.cost[1]))
      least = { item, cost };
  }
  return least?.item;
}
