/** Which problems an iteration takes: the next ones of a seeded permutation, no skip, no repeat within a pass. */
import { createRandom } from '../formats/random.ts';

/**
 * Indices of the next problems from position `start` of an endless row of permutations of 0 .. size−1, each pass in an
 * order of its own: `count` of them, or what the pass has left, so that no problem comes twice in one iteration. The
 * next start is `start` + the length. A function of its arguments alone: a resumed campaign takes the same problems.
 */
export function takeProblems(size: number, start: number, count: number, seed: string): number[] {
  if (size < 1) throw new RangeError('no problems to take from');
  const pass = Math.floor(start / size);
  const from = start % size;
  const order = createRandom(`${seed}/pass/${pass}`).shuffle(Array.from({ length: size }, (_, index) => index));
  return order.slice(from, from + count);
}
