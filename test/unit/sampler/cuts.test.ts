import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutOf } from '../../../src/sampler/engine/cuts.ts';

it('cuts a prompt by its length alone: it fits, and less than a bucket is wasted', () => {
  fc.assert(
    fc.property(fc.nat(5000), (length) => {
      const cut = cutOf(length);
      const tokens = cut.reduce((sum, size) => sum + size, 0);
      expect(tokens).toBeGreaterThanOrEqual(length);
      expect(tokens - length).toBeLessThan(32);
      expect(cut.slice(0, -1).every((size) => size === 128)).toBe(true);
    }),
  );
  const lengths = [0, 1, 9, 17, 33, 128, 129, 300];
  expect(lengths.map(cutOf)).toEqual([[], [8], [16], [24], [48], [128], [128, 8], [128, 128, 48]]);
});
