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
  it('skips none and repeats none over a pass, and no iteration has a problem twice or fewer than it can have', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 5 }), ([size, count], passes) => {
        const taken = takeAll(size, count, passes * size);
        for (const part of taken) {
          expect(new Set(part).size).toBe(part.length);
          expect(part).toHaveLength(Math.min(count, size));
        }
        const all = taken.flat();
        for (let pass = 0; pass < passes; pass += 1)
          expect(all.slice(pass * size, (pass + 1) * size).sort((a, b) => a - b)).toEqual(
            Array.from({ length: size }, (_, i) => i),
          );
      }),
    );
  });

  it('skips and repeats none where the number an iteration takes changes on the way', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), counts, (size, wanted) => {
        let state: CurriculumState = 0;
        const all: number[] = [];
        for (const count of wanted) {
          const next = permutation.take(state, { size, count, seed: 'seed' });
          expect(new Set(next.problems).size).toBe(Math.min(count, size));
          all.push(...next.problems);
          state = JSON.parse(JSON.stringify(next.state)) as CurriculumState;
        }
        for (let from = 0; from < all.length; from += size) {
          const pass = all.slice(from, from + size);
          expect(new Set(pass).size).toBe(pass.length);
        }
      }),
    );
  });

  it('takes the same order in any portions of a pass, and another order in the next pass and for another seed', () => {
    fc.assert(
      fc.property(sizes, ([size, count]) => {
        expect(takeAll(size, count, size).flat().slice(0, size)).toEqual(takeAll(size, size, size).flat());
      }),
    );
    const all = takeAll(50, 50, 100);
    expect(all[0]).not.toEqual(all[1]);
    expect(all[0]).not.toEqual(takeAll(50, 50, 50, 'other')[0]);
  });

  it('is a function of the seed, and its state is the number of problems taken', () => {
    expect(permutation.take(0, { size: 10, count: 4, seed: 'seed' })).toEqual({ problems: [7, 8, 0, 9], state: 4 });
    expect(permutation.take(4, { size: 10, count: 6, seed: 'seed' })).toEqual({
      problems: [5, 1, 4, 3, 2, 6],
      state: 10,
    });
    const filled = permutation.take(8, { size: 10, count: 4, seed: 'seed' });
    expect(filled).toMatchObject({ state: { taken: 12, overlaps: [2] } });
    expect(filled.problems.slice(0, 2)).toEqual([2, 6]);
  });

  it.each([
    -1,
    0.5,
    Number.NaN,
    'start',
    null,
    [0],
    { position: 0 },
    { taken: 1 },
    { taken: 1 },
    { taken: 1, overlaps: [-1] },
    2 ** 53,
  ])('refuses the state %j', (state) => {
    expect(() => permutation.take(state, { size: 10, count: 4, seed: 'seed' })).toThrow(TypeError);
  });

  it('refuses to take from no problems', () => {
    expect(() => permutation.take(0, { size: 0, count: 4, seed: 'seed' })).toThrow(RangeError);
  });
});
