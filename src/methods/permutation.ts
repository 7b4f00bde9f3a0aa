/** The curriculum `permutation`: the next problems of a seeded order, no skip, no repeat within a pass or an iteration. */
import { createRandom } from '../formats/random.ts';
import { deriveSeed } from '../formats/seeds.ts';
import type { Curriculum, CurriculumState } from './curriculum.ts';

interface Position {
  /** Problems taken so far. */
  readonly taken: number;
  /** By pass: how many of its last problems are in the iteration that began the pass after it. */
  readonly overlaps: readonly number[];
}

/**
 * The state is a position in an infinite sequence of passes, each a permutation of all problems. An iteration that the
 * rest of a pass does not fill goes on with the next pass, which has the problems of that rest last.
 */
export const permutation: Curriculum = {
  take: (state, { size, count, seed }) => {
    if (size < 1) throw new RangeError('no problems to take from');
    const { taken, overlaps } = readPosition(state);
    const pass = Math.floor(taken / size);
    const rest = orderOf(pass, overlaps, size, seed).slice(taken % size);
    const wanted = Math.min(count, size);
    const after = taken + wanted;
    if (rest.length >= wanted)
      return {
        problems: rest.slice(0, wanted),
        state: overlaps.length === 0 ? after : { taken: after, overlaps },
      };
    const extended = Array.from({ length: pass + 1 }, (_, p) => (p === pass ? rest.length : (overlaps[p] ?? 0)));
    const next = orderOf(pass + 1, extended, size, seed).slice(0, wanted - rest.length);
    return { problems: [...rest, ...next], state: { taken: after, overlaps: extended } };
  },
};

/** The number alone is a position without overlaps. */
function readPosition(state: CurriculumState): Position {
  const { taken, overlaps } = (typeof state === 'number' ? { taken: state, overlaps: [] } : (state ?? {})) as Partial<
    Record<keyof Position, unknown>
  >;
  if (isCount(taken) && Array.isArray(overlaps) && overlaps.every(isCount)) return { taken, overlaps };
  throw new TypeError(`the state of a permutation is the number of problems taken, not ${JSON.stringify(state)}`);
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function orderOf(pass: number, overlaps: readonly number[], size: number, seed: string): readonly number[] {
  const order = createRandom(deriveSeed(seed, 'pass', pass)).shuffle(Array.from({ length: size }, (_, index) => index));
  const overlap = overlaps[pass - 1] ?? 0;
  if (overlap === 0) return order;
  const last = new Set(orderOf(pass - 1, overlaps, size, seed).slice(-overlap));
  return [...order.filter((index) => !last.has(index)), ...order.filter((index) => last.has(index))];
}
