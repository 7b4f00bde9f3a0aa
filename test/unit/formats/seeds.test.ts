import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deriveSeed, seedNumber } from '../../../src/formats/seeds.ts';

test('a seed is its root and the path to its use', () => {
  expect(deriveSeed(0, 3)).toBe('0/3');
  expect(deriveSeed('0/3', 'p#1', 'cot')).toBe('0/3/p#1/cot');
});

test('different seeds and iterations never have one seed, as text or as a number', () => {
  const pair = fc.tuple(fc.nat(), fc.nat());
  fc.assert(
    fc.property(pair, pair, ([a, i], [b, j]) => {
      fc.pre(a !== b || i !== j);
      expect(deriveSeed(a, i)).not.toBe(deriveSeed(b, j));
      expect(seedNumber(deriveSeed(a, i))).not.toBe(seedNumber(deriveSeed(b, j)));
    }),
  );
  const grid = [0, 1, 2, 3].flatMap((seed) => Array.from({ length: 2500 }, (_, k) => seedNumber(deriveSeed(seed, k))));
  expect(new Set(grid).size).toBe(10_000);
});

test('numbers are whole, exact in JSON, and of the size that is asked for', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const [small, large] = [seedNumber(seed, 4), seedNumber(seed)];
      expect(Number.isInteger(small) && small >= 0 && small < 2 ** 32).toBe(true);
      expect(Number.isSafeInteger(large) && large >= 0 && large < 2 ** 48).toBe(true);
      expect(JSON.parse(JSON.stringify(large))).toBe(large);
    }),
  );
  expect(seedNumber('0/1/train')).toMatchInlineSnapshot(`213113768800357`);
  expect(seedNumber('', 4)).toBe(0x42c4b0e3);
});
