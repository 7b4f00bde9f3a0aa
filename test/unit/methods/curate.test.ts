import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Curation, type CurationOptions, curate } from '../../../src/methods/curate.ts';
import {
  countRollout,
  type ScoredSummary,
  TRUNCATION_RULES,
  VIOLATION_RULES,
} from '../../../src/methods/scored-rollout.ts';
import { withSolutions } from '../../../src/methods/solutions.ts';
import type { Arm } from '../../../src/rollout/types.ts';
import { emCuration, scored } from './scored.ts';

const options: CurationOptions = { ...emCuration, minValid: 2 };
const even = new Map([['p', [0.5, 0.5] as const]]);

describe('curation', () => {
  it('targets the arm that works and keeps its rollouts with signal', () => {
    const rollouts = [
      ...[0, 1, 2, 3].map((k) => scored('p', 'cot', k, 'incorrect')),
      ...[0, 1, 2].map((k) => scored('p', 'code', k, 'correct')),
      scored('p', 'code', 3, 'incorrect'),
    ];
    const { queries, counts } = curate(rollouts, even, options);
    expect(queries[0]?.target?.[1]).toBeGreaterThan(0.99);
    expect(queries[0]?.estimates).toEqual([0, 0.75]);
    expect(queries[0]?.kept.map((kept) => kept.rolloutId)).toEqual(['p#code#0', 'p#code#1', 'p#code#2', 'p#code#3']);
    const total = queries[0]?.kept.reduce((sum, kept) => sum + kept.advantage, 0);
    expect(total).toBeCloseTo(0, 5);
    expect(counts).toMatchObject({ problems: 1, targets: 1, targetsAgainstEstimate: 0, keptRollouts: 4 });
  });

  it('lets no infrastructure failure, violation or undecided grade into an estimate', () => {
    const good = [
      scored('p', 'cot', 0, 'incorrect'),
      scored('p', 'cot', 1, 'truncated'),
      scored('p', 'code', 0, 'correct'),
      scored('p', 'code', 1, 'correct'),
    ];
    const disturbed = [
      ...good,
      ...(['infrastructure', 'violation', 'undecided'] as const).map((end, k) => scored('p', 'code', k + 2, end)),
    ];
    expect(curate(disturbed, even, options).queries).toEqual(curate(good, even, options).queries);
  });

  it('withholds a problem with too few valid rollouts in an arm, and says so', () => {
    const rollouts = [
      scored('p', 'cot', 0, 'correct'),
      scored('p', 'cot', 1, 'correct'),
      scored('p', 'code', 0, 'correct'),
      scored('p', 'code', 1, 'infrastructure'),
    ];
    expect(curate(rollouts, even, options)).toMatchObject({ queries: [], counts: { withheld: 1, noSignal: 0 } });
  });

  it('drops and counts problems without any signal', () => {
    const rollouts = (['cot', 'code'] as const).flatMap((arm) => [0, 1].map((k) => scored('p', arm, k, 'correct')));
    expect(curate(rollouts, even, options)).toMatchObject({ queries: [], counts: { noSignal: 1, ties: 1 } });
  });

  it('learns from both arms, or by strategy nothing from an arm that it rejects', () => {
    const rollouts = [
      scored('p', 'cot', 0, 'incorrect'),
      scored('p', 'cot', 1, 'incorrect'),
      scored('p', 'cot', 2, 'incorrect'),
      scored('p', 'cot', 3, 'correct'),
      ...[0, 1, 2, 3].map((k) => scored('p', 'code', k, 'correct')),
    ];
    const sharp = { ...options, strategy: { ...options.strategy, alpha: 50 } };
    expect(curate(rollouts, even, sharp).queries[0]?.kept).toHaveLength(4);
    const { queries } = curate(rollouts, even, { ...sharp, rollouts: 'by-strategy' });
    expect(queries[0]?.kept).toEqual([]);
    expect(queries[0]?.target?.[1]).toBeCloseTo(1, 6);
  });

  it('gives rl group advantages over auto rollouts and rft the correct ones', () => {
    const rollouts = [
      scored('p', 'auto', 0, 'correct'),
      scored('p', 'auto', 1, 'incorrect'),
      scored('p', 'auto', 2, 'incorrect'),
    ];
    const rl = curate(rollouts, new Map(), { ...options, method: 'rl' });
    expect(rl.queries[0]?.target).toBeUndefined();
    expect(rl.queries[0]?.kept.map((kept) => Math.sign(kept.advantage))).toEqual([1, -1, -1]);
    expect(curate(rollouts, new Map(), { ...options, method: 'rft' }).queries[0]?.kept).toEqual([
      { rolloutId: 'p#auto#0', advantage: 1 },
    ]);
  });

  describe('of rft', () => {
    /** Rollouts of some problems, in which the model wrote one of four solutions. */
    const groups = fc
      .array(fc.array(fc.record({ solution: fc.constantFrom('a', 'b', 'c', 'd'), isRight: fc.boolean() })), {
        maxLength: 4,
      })
      .map((problems) =>
        problems.flatMap((rollouts, p) =>
          rollouts.map(({ solution, isRight }, k) => ({
            ...scored(`p${p}`, 'auto', k, isRight ? 'correct' : 'incorrect'),
            solution,
          })),
        ),
      );
    const keptOf = (rollouts: readonly ScoredSummary[], changes: Partial<CurationOptions>) =>
      curate(rollouts, new Map(), { ...options, method: 'rft', minValid: 1, ...changes }).queries.flatMap(
        ({ kept }) => kept,
      );

    it('keeps at most so many rollouts a problem, a seeded choice among those that it keeps otherwise', () => {
      fc.assert(
        fc.property(groups, fc.integer({ min: 1, max: 4 }), fc.boolean(), (rollouts, perProblem, isDistinct) => {
          const distinct = isDistinct ? { distinct: true as const } : {};
          const all = keptOf(rollouts, distinct);
          const kept = keptOf(rollouts, { ...distinct, perProblem });
          expect(kept).toEqual(all.filter(({ rolloutId }) => kept.some((item) => item.rolloutId === rolloutId)));
          const problemOf = new Map(rollouts.map(({ id, problemId }) => [id, problemId]));
          for (const problem of new Set(problemOf.values())) {
            const count = (list: typeof kept) =>
              list.filter((item) => problemOf.get(item.rolloutId) === problem).length;
            expect(count(kept)).toBe(Math.min(perProblem, count(all)));
          }
        }),
      );
      const many = Array.from({ length: 64 }, (_, k) => scored('p', 'auto', k, 'correct'));
      const chosen = (seed: string) => keptOf(many, { perProblem: 8, seed }).map(({ rolloutId }) => rolloutId);
      expect(chosen('s')).toEqual(chosen('s'));
      expect(chosen('s')).not.toEqual(chosen('t'));
    });

    it('keeps the first correct rollout of each solution, every one with weight 1', () => {
      fc.assert(
        fc.property(groups, (rollouts) => {
          const right = rollouts.filter(({ grade }) => grade === 'correct');
          const first = right.filter(
            (item, at) => right.findIndex((x) => x.problemId === item.problemId && x.solution === item.solution) === at,
          );
          expect(keptOf(rollouts, { distinct: true })).toEqual(
            first.map(({ id }) => ({ rolloutId: id, advantage: 1 })),
          );
        }),
      );
    });

    it('takes solutions for equal that differ in white space or tool output only', () => {
      const texts = ['a  b', 'a\n b', 'a c'].map((text, k) => ({
        id: `p#auto#${k}`,
        segments: [{ by: 'model', text } as const, { by: 'tool', text: `${k}` } as const],
        blocks: [],
      }));
      const solved = withSolutions(
        [0, 1, 2].map((k) => scored('p', 'auto', k, 'correct')),
        texts,
      );
      expect(keptOf(solved, { distinct: true }).map(({ rolloutId }) => rolloutId)).toEqual(['p#auto#0', 'p#auto#2']);
    });
  });

  describe('by strategy', () => {
    // Both arms have right and wrong rollouts, so that every rollout has an advantage; code is better by 0.5.
    const group = (id: string, order: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7]): ScoredSummary[] => [
      ...order.map((k) => scored(id, 'cot', k, k < 2 ? 'correct' : 'incorrect')),
      ...order.map((k) => scored(id, 'code', k, k < 6 ? 'correct' : 'incorrect')),
    ];
    /** The same with the arms' outcomes exchanged: the choice falls on the code arm. */
    const mirrored = [
      ...[0, 1, 2, 3, 4, 5, 6, 7].map((k) => scored('p', 'cot', k, k < 6 ? 'correct' : 'incorrect')),
      ...[0, 1, 2, 3, 4, 5, 6, 7].map((k) => scored('p', 'code', k, k < 2 ? 'correct' : 'incorrect')),
    ];
    const partial = { ...options, rollouts: 'by-strategy', strategy: { ...options.strategy, alpha: 1 } } as const;
    const keptOf = (curation: Curation, arm: Arm): string[] =>
      curation.queries.flatMap((query) => query.kept.map((kept) => kept.rolloutId)).filter((id) => id.includes(arm));

    it('keeps the share s*(c) / max s* of an arm, a seeded choice in file order', () => {
      const curation = curate(group('p'), even, partial);
      const [cot, code] = curation.queries[0]?.target ?? [0, 0];
      expect(cot / code).toBeCloseTo(Math.exp(-0.5), 12);
      // 8 · exp(−0.5) = 4.85
      expect(keptOf(curation, 'cot')).toMatchInlineSnapshot(`
        [
          "p#cot#0",
          "p#cot#2",
          "p#cot#4",
          "p#cot#5",
          "p#cot#7",
        ]
      `);
      expect(keptOf(curation, 'code')).toEqual(group('p').flatMap(({ id, arm }) => (arm === 'code' ? [id] : [])));
    });

    it('chooses otherwise for another seed, problem or arm, and everything sooner or later', () => {
      const chosen = Array.from({ length: 40 }, (_, seed) =>
        keptOf(curate(group('p'), even, { ...partial, seed: `${seed}` }), 'cot'),
      );
      expect(new Set(chosen.map((ids) => ids.length))).toEqual(new Set([5]));
      expect(new Set(chosen.flat()).size).toBe(8);
      const positions = (ids: readonly string[]): string[] => ids.map((id) => id.slice(id.lastIndexOf('#')));
      const priors = new Map(['p', 'q'].map((id) => [id, [0.5, 0.5] as const]));
      expect(positions(keptOf(curate(group('q'), priors, partial), 'cot'))).not.toEqual(
        positions(keptOf(curate(group('p'), priors, partial), 'cot')),
      );
      expect(positions(keptOf(curate(mirrored, priors, partial), 'code'))).not.toEqual(
        positions(keptOf(curate(group('p'), priors, partial), 'cot')),
      );
    });

    it('rounds the number kept, for any prior and α, and keeps only rollouts with their advantages', () => {
      const prior = fc.double({ min: 0.05, max: 0.95, noNaN: true });
      fc.assert(
        fc.property(prior, fc.double({ min: 0.1, max: 4, noNaN: true }), (p, alpha) => {
          const settings = { ...partial, strategy: { ...partial.strategy, alpha } };
          const priors = new Map([['p', [1 - p, p] as const]]);
          const [query] = curate(group('p'), priors, settings).queries;
          const target = query?.target ?? [Number.NaN, Number.NaN];
          const largest = Math.max(...target);
          const all = curate(group('p'), priors, { ...settings, rollouts: 'all' }).queries[0]?.kept ?? [];
          for (const [at, name] of (['cot', 'code'] as const).entries()) {
            const kept = query?.kept.filter(({ rolloutId }) => rolloutId.includes(name)) ?? [];
            expect(kept).toHaveLength(Math.round((8 * (target[at] ?? Number.NaN)) / largest));
            for (const item of kept) expect(all).toContainEqual(item);
          }
        }),
      );
    });

    it('is the same for the same seed and any order of problems', () => {
      const priors = new Map(['a', 'b', 'p'].map((id) => [id, [0.5, 0.5] as const]));
      const forward = curate([...group('a'), ...group('b'), ...group('p')], priors, partial);
      const backward = curate([...group('p'), ...group('b'), ...group('a')], priors, partial);
      expect(keptOf(forward, 'cot')).toHaveLength(15);
      expect([...keptOf(backward, 'cot')].sort()).toEqual([...keptOf(forward, 'cot')].sort());
    });
  });

  it('is the same for the same seed and any order of problems', () => {
    const rollouts = ['a', 'b', 'p'].flatMap((id) => [
      ...[0, 1, 2, 3].map((k) => scored(id, 'cot', k, k === 0 ? 'correct' : 'incorrect')),
      ...[0, 1, 2, 3].map((k) => scored(id, 'code', k, k === 3 ? 'incorrect' : 'correct')),
    ]);
    const priors = new Map(['a', 'b', 'p'].map((id) => [id, [0.5, 0.5] as const]));
    const forward = curate(rollouts, priors, options).queries;
    const backward = curate(
      [...rollouts].reverse().sort((x, y) => x.sample - y.sample),
      priors,
      options,
    ).queries;
    const keptOf = (queries: typeof forward): string[] =>
      queries.flatMap((query) => query.kept.map((kept) => kept.rolloutId)).sort();
    expect(keptOf(backward)).toEqual(keptOf(forward));
  });
});

describe('curation with anchors', () => {
  const anchored: CurationOptions = { ...options, anchors: true };
  const ends = ['correct', 'incorrect', 'truncated', 'violation', 'infrastructure', 'undecided'] as const;
  const rolloutsOf = (arms: readonly Arm[]) =>
    fc
      .array(fc.array(fc.constantFrom(...ends), { minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 6 })
      .map((problems) =>
        problems.flatMap((drawn, at) =>
          drawn.map((end, k) => ({
            ...scored(`p${at}`, arms[k % arms.length] as Arm, Math.floor(k / arms.length), end),
            // A truncated rollout may end before its first token: its prompt was too long.
            modelTokens: end === 'truncated' && k % 2 === 0 ? 0 : 1,
          })),
        ),
      );
  const priorsOf = (rollouts: readonly ScoredSummary[]) =>
    new Map(rollouts.map(({ problemId }) => [problemId, [0.5, 0.5] as const]));

  it('keeps the problems whose rollouts are all right or all wrong, with advantage 0', () => {
    const rollouts = [
      ...[0, 1].map((k) => scored('p', 'cot', k, 'incorrect')),
      ...[0, 1].map((k) => scored('p', 'code', k, 'correct')),
      ...(['cot', 'code'] as const).flatMap((arm) => [0, 1].map((k) => scored('q', arm, k, 'correct'))),
    ];
    const { queries, counts } = curate(rollouts, priorsOf(rollouts), anchored);
    expect(queries.map(({ problemId, kept }) => [problemId, kept.length])).toEqual([
      ['p', 4],
      ['q', 4],
    ]);
    expect(queries.flatMap(({ kept }) => kept).every(({ advantage }) => advantage === 0)).toBe(true);
    expect(counts).toMatchObject({ keptRollouts: 0, anchorRollouts: 8, noSignal: 1, targets: 1 });
  });

  it('adds rollouts with advantage 0 and changes nothing else', () => {
    const rules = fc.record({
      violations: fc.constantFrom(...VIOLATION_RULES),
      truncated: fc.constantFrom(...TRUNCATION_RULES),
    });
    for (const [method, arms] of [['em', ['cot', 'code', 'auto']] as const, ['rl', ['auto']] as const])
      for (const kept of ['all', 'by-strategy'] as const)
        fc.assert(
          fc.property(rolloutsOf(arms), rules, fc.boolean(), (rollouts, counting, pooledAdvantages) => {
            const settings = { ...options, ...counting, pooledAdvantages, method, rollouts: kept };
            const plain = curate(rollouts, priorsOf(rollouts), settings);
            const held = curate(rollouts, priorsOf(rollouts), { ...settings, anchors: true });
            const { anchorRollouts = 0, ...counts } = held.counts;
            expect(counts).toEqual(plain.counts);
            const learnt = held.queries.map((query) => ({
              ...query,
              kept: query.kept.filter(({ advantage }) => advantage !== 0),
            }));
            expect(learnt.filter(({ target, kept: left }) => target !== undefined || left.length > 0)).toEqual(
              plain.queries,
            );
            const all = held.queries.flatMap((query) => query.kept);
            expect(all).toHaveLength(counts.keptRollouts + anchorRollouts);
            const byId = new Map(rollouts.map((rollout) => [rollout.id, rollout]));
            for (const { rolloutId } of all) {
              const rollout = byId.get(rolloutId);
              expect(rollout?.modelTokens).toBeGreaterThan(0);
              expect(rollout && countRollout(rollout, counting)?.isLearnt).toBe(true);
            }
            expect(new Set(all.map(({ rolloutId }) => rolloutId)).size).toBe(all.length);
          }),
        );
  });

  it('of problems that all teach nothing is empty', () => {
    const rollouts = (['cot', 'code'] as const).flatMap((arm) => [0, 1].map((k) => scored('p', arm, k, 'correct')));
    expect(curate(rollouts, priorsOf(rollouts), anchored)).toMatchObject({
      queries: [],
      counts: { anchorRollouts: 0 },
    });
  });
});
