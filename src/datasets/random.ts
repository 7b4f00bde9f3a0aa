/**
 * The generators' own random numbers: xoshiro128** (Blackman and Vigna, 2018) seeded by SHA-256 of a label.
 * Not `Math.random`, which has no seed, so that a data set is the same on every machine and in every release.
 */
import { createHash } from 'node:crypto';

export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  fraction(): number;
  /** Uniform integer, both ends included. */
  between(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  /** Index drawn in proportion to its weight; weights are not negative and not all 0. */
  weighted(weights: readonly number[]): number;
}

/** Equal labels give equal streams; different labels independent ones. */
export function seededRandom(label: string): Random {
  const state = new Uint32Array(4);
  const digest = createHash('sha256').update(label).digest();
  for (let i = 0; i < 4; i++) state[i] = digest.readUInt32LE(4 * i);

  function next(): number {
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = state;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const t2 = s2 ^ s0;
    const t3 = s3 ^ s1;
    state[1] = s1 ^ t2;
    state[0] = s0 ^ t3;
    state[2] = t2 ^ (s1 << 9);
    state[3] = rotateLeft(t3, 11);
    return result;
  }

  function fraction(): number {
    return next() / 0x1_0000_0000;
  }

  function between(low: number, high: number): number {
    return low + Math.floor(fraction() * (high - low + 1));
  }

  function pick<T>(items: readonly T[]): T {
    const item = items[between(0, items.length - 1)];
    if (item === undefined) throw new RangeError('pick: the list is empty');
    return item;
  }

  function weighted(weights: readonly number[]): number {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (!(total > 0)) throw new RangeError('weighted: no positive weight');
    let rest = fraction() * total;
    let last = 0;
    for (const [index, weight] of weights.entries()) {
      if (weight <= 0) continue;
      last = index;
      rest -= weight;
      if (rest < 0) return index;
    }
    return last;
  }

  return { fraction, between, pick, weighted };
}

/** A copy in random order (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(random.between(0, left.length - 1), 1));
  return order;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
