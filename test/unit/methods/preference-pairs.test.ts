import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Comparable, choosePairs } from '../../../src/methods/preference-pairs.ts';
import { ARMS } from '../../../src/rollout/types.ts';

const rollouts = fc
  .array(
    fc.record({
      arm: fc.constantFrom(...ARMS),
      isRight: fc.boolean(),
      tokens: fc.integer({ min: 1, max: 50 }),
    }),
    { maxLength: 16 },
  )
  .map((items) => items.map((item, at): Comparable => ({ id: `r${at}`, ...item })));
const limit = fc.integer({ min: 1, max: 12 });

const right = (id: string, arm: Comparable['arm'], tokens = 10): Comparable => ({ id, arm, isRight: true, tokens });
const wrong = (id: string, arm: Comparable['arm'], tokens = 10): Comparable => ({ id, arm, isRight: false, tokens });

describe('pairs of a problem', () => {
  it('has every right rollout beside every wrong one, once, where there is no limit', () => {
    fc.assert(
      fc.property(rollouts, (items) => {
        const expected = items.flatMap((a) =>
          a.isRight ? items.filter((b) => !b.isRight).map((b) => `${a.id}>${b.id}`) : [],
        );
        expect(choosePairs(items, undefined, 's').map((pair) => `${pair.right}>${pair.wrong}`)).toEqual(expected);
      }),
    );
  });

  it('keeps as many as the limit allows, no pair twice, each a right before a wrong one', () => {
    fc.assert(
      fc.property(rollouts, limit, (items, most) => {
        const all = choosePairs(items, undefined, 's');
        const chosen = choosePairs(items, most, 's');
        expect(chosen).toHaveLength(Math.min(most, all.length));
        expect(new Set(chosen.map((pair) => `${pair.right}>${pair.wrong}`)).size).toBe(chosen.length);
        const isRight = new Map(items.map((item) => [item.id, item.isRight]));
        for (const pair of chosen) expect([isRight.get(pair.right), isRight.get(pair.wrong)]).toEqual([true, false]);
      }),
    );
  });

  it('takes as many across arms as within an arm, to one, as long as there are both', () => {
    fc.assert(
      fc.property(rollouts, limit, (items, most) => {
        const armOf = new Map(items.map((item) => [item.id, item.arm]));
        const across = (pairs: ReturnType<typeof choosePairs>) =>
          pairs.filter((pair) => armOf.get(pair.right) !== armOf.get(pair.wrong)).length;
        const all = choosePairs(items, undefined, 's');
        const chosen = choosePairs(items, most, 's');
        const wanted = Math.min(most, all.length);
        const [allAcross, allWithin] = [across(all), all.length - across(all)];
        const half = Math.ceil(wanted / 2);
        const expected = Math.min(allAcross, Math.max(half, wanted - allWithin));
        expect(across(chosen)).toBe(expected);
      }),
    );
  });

  it('does not depend on anything but rollouts, limit and seed, and the seed decides between equals only', () => {
    fc.assert(
      fc.property(rollouts, limit, fc.string(), (items, most, seed) => {
        expect(choosePairs(items, most, seed)).toEqual(choosePairs(items, most, seed));
      }),
    );
    const equals = [right('a', 'code'), ...['b', 'c', 'd', 'e'].map((id) => wrong(id, 'code'))];
    const first = new Set(Array.from({ length: 20 }, (_, at) => choosePairs(equals, 1, `${at}`)[0]?.wrong));
    expect(first.size).toBeGreaterThan(1);
  });

  it('uses other rollouts before it uses one again, then prefers equal lengths', () => {
    const items = [right('a', 'code', 10), right('b', 'code', 30), wrong('c', 'code', 11), wrong('d', 'code', 29)];
    for (const seed of ['1', '2', '3'])
      expect(choosePairs(items, 2, seed)).toEqual([
        { right: expect.stringMatching(/a|b/), wrong: expect.stringMatching(/c|d/) },
        { right: expect.stringMatching(/a|b/), wrong: expect.stringMatching(/c|d/) },
      ]);
    const chosen = choosePairs(items, 2, '1').map((pair) => `${pair.right}>${pair.wrong}`);
    expect(new Set(chosen)).toEqual(new Set(['a>c', 'b>d']));
  });

  it('is empty where all are right or all are wrong', () => {
    expect(choosePairs([right('a', 'cot'), right('b', 'code')], 4, 's')).toEqual([]);
    expect(choosePairs([wrong('a', 'cot')], undefined, 's')).toEqual([]);
    expect(choosePairs([], 4, 's')).toEqual([]);
  });
});
