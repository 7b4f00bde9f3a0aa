import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Counts,
  countOf,
  describeLosses,
  hasLosses,
  hasUndecided,
  lossCount,
  lossesByArm,
  lossesOf,
  onlyLosses,
  rolloutCount,
  sumCounts,
  tally,
  totalOf,
} from '../../../src/protocol/counts.ts';
import { ARMS, ROLLOUT_ENDS } from '../../../src/rollout/types.ts';

const arm = fc.constantFrom(...ARMS);
const cause = fc.oneof(fc.constantFrom('sandbox', 'grader', 'sympy', 'a.b', '.', '__x'), fc.string({ minLength: 1 }));
const losses = fc.uniqueArray(fc.tuple(arm, cause, fc.integer({ min: 1, max: 99 })), {
  selector: ([a, c]) => `${a} ${c}`,
});

describe('losses', () => {
  test('are parsed by arm and cause as they were built, among any other counts', () => {
    fc.assert(
      fc.property(losses, (all) => {
        const counts: Counts = {
          ...Object.fromEntries(all.map(([a, c, n]) => [lossCount(a, c), n])),
          rollouts: 7,
          [rolloutCount('infrastructure', 'code')]: 3,
          failed: 5,
        };
        for (const one of ARMS) {
          const own = all.filter(([a]) => a === one);
          expect(new Map(Object.entries(lossesOf(counts, one)))).toEqual(new Map(own.map(([, c, n]) => [c, n])));
        }
        expect(totalOf(onlyLosses(counts))).toBe(all.reduce((sum, [, , n]) => sum + n, 0));
        expect(new Set(lossesByArm(counts).keys())).toEqual(new Set(all.map(([a]) => a)));
        for (const [, c] of all) expect(hasLosses(counts, c)).toBe(true);
        expect(hasLosses(counts, 'no such part')).toBe(false);
      }),
    );
  });

  test('of 0 are none, and a name without arm or cause is no loss', () => {
    const counts = { 'failed.cot.sandbox': 0, 'failed.': 1, 'failed.cot': 2, 'failed.cot.': 3, 'failed..sandbox': 4 };
    expect([...lossesByArm(counts)]).toEqual([]);
    expect(hasLosses(counts, 'sandbox')).toBe(false);
  });

  test('are described by cause', () => {
    expect(describeLosses({ sandbox: 40, grader: 10 })).toBe('sandbox 40, grader 10');
  });
});

describe('counts', () => {
  test('of rollouts are read by arm, and are 0 where nothing was counted', () => {
    const counts = tally(ARMS.flatMap((one) => ROLLOUT_ENDS.map((end) => rolloutCount(end, one))));
    for (const one of ARMS) for (const end of ROLLOUT_ENDS) expect(countOf(counts, end, one)).toBe(1);
    expect(countOf(counts, 'undecided', 'cot')).toBe(0);
    expect(hasUndecided(counts)).toBe(false);
    expect(hasUndecided({ ...counts, 'undecided.cot': 1 })).toBe(true);
  });

  test('add up by name, in any grouping', () => {
    const counts = fc.dictionary(fc.constantFrom('a', 'b', 'rollouts.cot'), fc.nat(99));
    fc.assert(
      fc.property(fc.array(counts), fc.nat(), (all, cut) => {
        const at = all.length === 0 ? 0 : cut % all.length;
        const parts = [sumCounts(all.slice(0, at)), sumCounts(all.slice(at))];
        expect(sumCounts(parts)).toEqual(sumCounts(all));
        expect(totalOf(sumCounts(all))).toBe(all.reduce((sum, one) => sum + totalOf(one), 0));
      }),
    );
  });
});
