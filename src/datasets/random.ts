/** Random draws of the generators, from a seeded generator that is equal on every machine. */
import { createRandom } from '../formats/random.ts';

export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  /** Uniform integer, both ends included. */
  between(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  /** Index drawn in proportion to its weight; weights are not negative and not all 0. */
  weighted(weights: readonly number[]): number;
  /** A copy in random order. */
  shuffle<T>(items: readonly T[]): T[];
}

/** Equal labels give equal streams; different labels independent ones. */
export function seededRandom(label: string): Random {
  const { next, below, shuffle } = createRandom(label);

  function pick<T>(items: readonly T[]): T {
    const item = items[below(items.length)];
    if (item === undefined) throw new RangeError('pick: the list is empty');
    return item;
  }

  function weighted(weights: readonly number[]): number {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (!(total > 0)) throw new RangeError('weighted: no positive weight');
    let rest = next() * total;
    const index = weights.findIndex((weight) => {
      rest -= weight;
      return rest < 0;
    });
    return index === -1 ? weights.findLastIndex((weight) => weight > 0) : index;
  }

  return { fraction: next, between: (low, high) => low + below(high - low + 1), pick, weighted, shuffle };
}
