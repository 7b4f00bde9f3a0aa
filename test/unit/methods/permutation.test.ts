import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CurriculumState } from '../../../src/methods/curriculum.ts';
import { permutation } from '../../../src/methods/permutation.ts';

const sizes = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 25 }));

/** What successive iterations take until `total` problems are taken. */
function takeAll(size: number, count: number, total: number, seed = 'seed'): (readonly number[])[] {
  const taken: (readonly number[])[] = [];
  let state: CurriculumState = 0;
  while (taken.flat().length < total) {
    const next = permutation.take(state, { size, count, seed });
    taken.push(next.problems);
    // As it travels: through a payload, a journal and a blob.
    state = JSON.parse(JSON.stringify(next.state)) as CurriculumState;
  }
  return taken;
}

describe('the permutation of the problems', () => {
  it('skips none and repeats none over a pass, and no iteration reaches into the next pass', () => {
    fc.assert(
      fc.property(sizes, ([size, count]) => {
        const taken = takeAll(size, count, 2 * size);
        for (const part of taken) {
          expect(new Set(part).size).toBe(part.length);
          expect(part.length).toBeGreaterThan(0);
          expect(part.length).toBeLessThanOrEqual(count);
        }
        const all = taken.flat();
        expect(all).toHaveLength(2 * size);
        for (const pass of [all.slice(0, size), all.slice(size)])
          expect([...pass].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
      }),
    );
  });

  it('takes the same order in any portions, and another order in the next pass and for another seed', () => {
    fc.assert(
      fc.property(sizes, ([size, count]) => {
        expect(takeAll(size, count, 2 * size).flat()).toEqual(takeAll(size, size, 2 * size).flat());
      }),
    );
    const all = takeAll(50, 50, 100);
    expect(all[0]).not.toEqual(all[1]);
    expect(all[0]).not.toEqual(takeAll(50, 50, 50, 'other')[0]);
  });

  it('is a function of the seed, and its state is the number of problems taken', () => {
    expect(permutation.take(0, { size: 10, count: 4, seed: 'seed' })).toEqual({ problems: [7, 8, 0, 9], state: 4 });
    expect(permutation.take(4, { size: 10, count: 10, seed: 'seed' })).toEqual({
      problems: [5, 1, 4, 3, 2, 6],
      state: 10,
    });
  });

  it.each([-1, 0.5, Number.NaN, 'start', null, [0], { position: 0 }, 2 ** 53])('refuses the state %j', (state) => {
    expect(() => permutation.take(state, { size: 10, count: 4, seed: 'seed' })).toThrow(TypeError);
  });

  it('refuses to take from no problems', () => {
    expect(() => permutation.take(0, { size: 0, count: 4, seed: 'seed' })).toThrow(RangeError);
  });
});
