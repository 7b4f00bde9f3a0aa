import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupPlaces, groupSize } from '../../../src/sampler/engine/group-places.ts';

const groupsOf = (rows: readonly number[], size: number): number =>
  rows.reduce((sum, count) => sum + Math.ceil(count / size), 0);

it('leaves even groups alone and splits one that is large beside small ones', () => {
  expect(groupSize([32], 99)).toBe(32);
  expect(groupSize([16, 16], 99)).toBe(16);
  expect(groupSize([16, 6, 4, 3, 2, 1], 99)).toBe(8);
  expect(groupSize([], 0)).toBe(1);
});

it('splits no further than there is memory for groups, and never so that more places are computed', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(counts, fc.nat(12), (rows, spare) => {
      const largest = Math.max(...rows);
      const size = groupSize(rows, rows.length + spare);
      expect(groupsOf(rows, size)).toBeLessThanOrEqual(rows.length + spare);
      expect(groupsOf(rows, size) * size).toBeLessThanOrEqual(rows.length * largest);
      expect(groupSize(rows, rows.length)).toBe(largest);
    }),
  );
});

it('gives each row one place, in its own group', () => {
  const { groupRows, rowPlaces } = groupPlaces([[2, 0], [1], [4, 3]], 8);
  expect([...groupRows]).toEqual([2, 0, 1, 0, 4, 3]);
  expect([...rowPlaces].slice(0, 5)).toEqual([1, 2, 0, 5, 4]);
});
