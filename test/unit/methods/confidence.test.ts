/**
 * How many problems get a decision target from rollouts alone, exactly: every pair of counts with its binomial probability.
 * On equal arms every target is noise. docs/strategy.md has these tables.
 */
import { expect, test } from 'vitest';
import { referenceStrategy } from '../../../src/methods/strategy.ts';

const CONFIDENCES = [undefined, 0.9, 0.95, 0.98] as const;
type Confidence = (typeof CONFIDENCES)[number];

function binomial(n: number, p: number): number[] {
  let row = [1];
  for (let i = 0; i < n; i += 1) row = [...row, 0].map((x, k) => x * (1 - p) + (row[k - 1] ?? 0) * p);
  return row;
}

/** Share of problems with a target, and with one that prefers the worse arm, where the arms are right with `cot` < `code`. */
function targets(k: number, [cot, code]: readonly [number, number], confidence: Confidence) {
  const options = { name: 'energy', alpha: 8, priorFloor: 0.01, ...(confidence === undefined ? {} : { confidence }) };
  let [any, wrong] = [0, 0];
  for (const [a, p] of binomial(k, cot).entries())
    for (const [b, q] of binomial(k, code).entries()) {
      const counts = [
        { right: a, n: k },
        { right: b, n: k },
      ] as const;
      const target = referenceStrategy([0.5, 0.5], ...counts, { ...options, name: 'energy' });
      if (typeof target === 'string') continue;
      any += p * q;
      if (target[0] > target[1]) wrong += p * q;
    }
  return { any, wrong };
}

const table = (arms: readonly (readonly [number, number])[]): string =>
  [4, 8, 16]
    .flatMap((k) =>
      CONFIDENCES.map((confidence) => {
        const shares = arms.map((pair) => targets(k, pair, confidence).any.toFixed(3));
        return `K ${k}, ${confidence ?? 'off'}: ${shares.join(' ')}`;
      }),
    )
    .join('\n');

test('share of equal arms with a target, which is noise, at .1 .3 .5 .7 .9', () => {
  expect(table([0.1, 0.3, 0.5, 0.7, 0.9].map((p) => [p, p] as const))).toMatchInlineSnapshot(`
    "K 4, off: 0.453 0.439 0.352 0.439 0.453
    K 4, 0.9: 0.069 0.178 0.164 0.178 0.069
    K 4, 0.95: 0.005 0.047 0.070 0.047 0.005
    K 4, 0.98: 0.000 0.004 0.008 0.004 0.000
    K 8, off: 0.521 0.434 0.455 0.434 0.521
    K 8, 0.9: 0.037 0.169 0.210 0.169 0.037
    K 8, 0.95: 0.033 0.082 0.080 0.082 0.033
    K 8, 0.98: 0.004 0.028 0.026 0.028 0.004
    K 16, off: 0.451 0.341 0.377 0.341 0.451
    K 16, 0.9: 0.125 0.185 0.215 0.185 0.125
    K 16, 0.95: 0.037 0.092 0.110 0.092 0.037
    K 16, 0.98: 0.009 0.041 0.050 0.041 0.009"
  `);
});

test('share of different arms with a target, at .2/.8 .3/.7 .1/.5 0/.5 .5/1 0/1', () => {
  const arms = [
    [0.2, 0.8],
    [0.3, 0.7],
    [0.1, 0.5],
    [0, 0.5],
    [0.5, 1],
    [0, 1],
  ] as const;
  expect(table(arms)).toMatchInlineSnapshot(`
    "K 4, off: 0.820 0.606 0.732 0.938 0.938 1.000
    K 4, 0.9: 0.630 0.388 0.476 0.688 0.688 1.000
    K 4, 0.95: 0.503 0.257 0.224 0.313 0.313 1.000
    K 4, 0.98: 0.168 0.058 0.041 0.063 0.063 1.000
    K 8, off: 0.974 0.832 0.868 0.996 0.996 1.000
    K 8, 0.9: 0.918 0.661 0.671 0.855 0.855 1.000
    K 8, 0.95: 0.801 0.456 0.530 0.855 0.855 1.000
    K 8, 0.98: 0.614 0.262 0.335 0.637 0.637 1.000
    K 16, off: 0.998 0.931 0.955 1.000 1.000 1.000
    K 16, 0.9: 0.994 0.868 0.903 0.998 0.998 1.000
    K 16, 0.95: 0.983 0.772 0.821 0.989 0.989 1.000
    K 16, 0.98: 0.959 0.644 0.708 0.962 0.962 1.000"
  `);
});

test('from confidence .98 on, at most 5.1 % of equal arms get a target', () => {
  for (const k of [4, 8, 16, 32])
    for (let p = 0; p <= 1; p += 0.01) expect(targets(k, [p, p], 0.98).any).toBeLessThan(0.051);
});

test('a target prefers the worse arm the more rarely, the more confidence it needs', () => {
  for (const k of [4, 8, 16])
    for (const pair of [
      [0.2, 0.8],
      [0.3, 0.7],
      [0.4, 0.6],
      [0.45, 0.55],
    ] as const) {
      const wrong = CONFIDENCES.map((confidence) => targets(k, pair, confidence).wrong);
      expect(wrong).toEqual([...wrong].sort((a, b) => b - a));
    }
});
