import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutOf } from '../../../src/sampler/engine/prompt-bank.ts';

it('cuts a prompt by its length alone: it fits, and less than a bucket is wasted', () => {
  fc.assert(
    fc.property(fc.nat(5000), (length) => {
      const cut = cutOf(length);
      const tokens = cut.reduce((sum, size) => sum + size, 0);
      expect(tokens).toBeGreaterThanOrEqual(length);
      expect(tokens - length).toBeLessThan(64);
      expect(cut.slice(0, -1).every((size) => size === 128)).toBe(true);
    }),
  );
  expect([0, 1, 16, 17, 128, 129, 300].map(cutOf)).toEqual([[], [16], [16], [32], [128], [128, 16], [128, 128, 64]]);
});
