/** The curriculum `permutation`: the next problems of a seeded order, no skip, no repeat within a pass. */
import { createRandom } from '../formats/random.ts';
import { deriveSeed } from '../formats/seeds.ts';
import type { Curriculum } from './curriculum.ts';

/**
 * The state is the number of problems taken so far: a position in an infinite sequence of passes, each a permutation of
 * all problems. An iteration takes at most the rest of the pass, so that it never contains a problem twice.
 */
export const permutation: Curriculum = {
  take: (state, { size, count, seed }) => {
    if (size < 1) throw new RangeError('no problems to take from');
    if (typeof state !== 'number' || !Number.isSafeInteger(state) || state < 0)
      throw new TypeError(`the state of a permutation is the number of problems taken, not ${JSON.stringify(state)}`);
    const pass = Math.floor(state / size);
    const from = state % size;
    const order = createRandom(deriveSeed(seed, 'pass', pass)).shuffle(
      Array.from({ length: size }, (_, index) => index),
    );
    const problems = order.slice(from, from + count);
    return { problems, state: state + problems.length };
  },
};
