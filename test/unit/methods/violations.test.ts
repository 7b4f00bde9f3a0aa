/** What the rules of counting make of violations and truncated rollouts. docs/strategy.md has the table. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/formats/random.ts';
import { curate } from '../../../src/methods/curate.ts';
import {
  type CountingRules,
  reward,
  type ScoredSummary,
  TRUNCATION_RULES,
  VIOLATION_RULES,
} from '../../../src/methods/scored-rollout.ts';
import { emCuration, scored } from './scored.ts';

const even = new Map([['p', [0.5, 0.5] as const]]);

/** A violation that was graded. */
const violation = (k: number, isRight: boolean): ScoredSummary => ({
  ...scored('p', 'code', k, 'violation'),
  grade: isRight ? 'correct' : 'incorrect',
});

const cot = [0, 1].map((k) => scored('p', 'cot', k, k === 0 ? 'correct' : 'incorrect'));
const ofCode = (rollouts: readonly ScoredSummary[], rules: CountingRules) =>
  curate([...cot, ...rollouts], even, { ...emCuration, ...rules });

describe('violations', () => {
  const ends = fc.record({
    right: fc.integer({ min: 1, max: 8 }),
    wrong: fc.nat(8),
    brokeRight: fc.nat(8),
    brokeWrong: fc.nat(8),
  });
  const codeOf = ({ right, wrong, brokeRight, brokeWrong }: typeof ends extends fc.Arbitrary<infer T> ? T : never) => {
    const rightUntil = right + wrong;
    const all = rightUntil + brokeRight + brokeWrong;
    return Array.from({ length: all }, (_, k) =>
      k < rightUntil
        ? scored('p', 'code', k, k < right ? 'correct' : 'incorrect')
        : violation(k, k < rightUntil + brokeRight),
    );
  };

  test('count not at all, as wrong, or by their grade, and are never learnt from', () => {
    fc.assert(
      fc.property(ends, fc.boolean(), (counts, pooledAdvantages) => {
        const { right, wrong, brokeRight, brokeWrong } = counts;
        const all = right + wrong + brokeRight + brokeWrong;
        const expected = {
          'left-out': right / (right + wrong),
          wrong: right / all,
          graded: (right + brokeRight) / all,
        };
        const rollouts = codeOf(counts);
        const broken = new Set(rollouts.filter(({ state }) => state === 'violation').map(({ id }) => id));
        for (const violations of VIOLATION_RULES) {
          const [query] = ofCode(rollouts, { violations, pooledAdvantages } as CountingRules).queries;
          expect(query?.estimates?.[1]).toBeCloseTo(expected[violations], 14);
          expect(query?.kept.filter(({ rolloutId }) => broken.has(rolloutId))).toEqual([]);
        }
      }),
    );
  });

  test('that count save a problem from too few valid rollouts', () => {
    const rollouts = [scored('p', 'code', 0, 'correct'), violation(1, false)];
    const withheld = VIOLATION_RULES.map(
      (violations) => ofCode(rollouts, { violations, minValid: 2 } as CountingRules).counts.withheld,
    );
    expect(withheld).toEqual([1, 0, 0]);
  });

  test('that nobody graded, or whose grade is undecided, count nowhere by their grade', () => {
    const undecided = { ...violation(1, true), grade: 'undecided' as const };
    for (const rollout of [undecided, scored('p', 'code', 1, 'violation')])
      expect(
        ofCode([scored('p', 'code', 0, 'correct'), rollout], { violations: 'graded' }).queries[0]?.estimates?.[1],
      ).toBe(1);
  });

  test('are wrong in an evaluation, unless they were graded', () => {
    expect(reward(scored('p', 'code', 0, 'violation'))).toBe(0);
    expect([true, false].map((isRight) => reward(violation(0, isRight)))).toEqual([1, 0]);
  });
});

test('truncated rollouts count as wrong, as wrong but not in the loss, or not at all', () => {
  const rollouts = [...[0, 1].map((k) => scored('p', 'code', k, 'correct')), scored('p', 'code', 2, 'truncated')];
  const found = TRUNCATION_RULES.map((truncated) => {
    const [query] = ofCode(rollouts, { truncated }).queries;
    const kept = query?.kept.filter(({ rolloutId }) => rolloutId.includes('code'));
    return [query?.estimates?.[1], kept?.map(({ rolloutId, advantage }) => [rolloutId, Math.sign(advantage)])];
  });
  const learnt = [0, 1].map((k) => [`p#code#${k}`, 1]);
  expect(found).toEqual([
    [2 / 3, [...learnt, ['p#code#2', -1]]],
    [2 / 3, learnt],
    [1, []],
  ]);
});

test('rl and rft count them alike, and rft never learns from a right violation', () => {
  const auto = [
    scored('p', 'auto', 0, 'correct'),
    scored('p', 'auto', 1, 'truncated'),
    { ...scored('p', 'auto', 2, 'violation'), grade: 'correct' as const },
  ];
  const keptBy = (method: 'rl' | 'rft', rules: CountingRules) =>
    curate(auto, new Map(), { ...emCuration, method, ...rules }).queries.flatMap(({ kept }) =>
      kept.map(({ rolloutId }) => rolloutId.at(-1)),
    );
  expect(keptBy('rl', {})).toEqual(['0', '1']);
  expect(keptBy('rl', { truncated: 'wrong-unlearnt' })).toEqual(['0']);
  expect(keptBy('rl', { truncated: 'left-out' })).toEqual([]);
  expect(keptBy('rft', { violations: 'graded' })).toEqual(['0']);
});

test('a rollout without an answer is wrong, and with void turns left out it is not learnt from', () => {
  const answered = (sample: number, grade: 'correct' | 'incorrect') => ({
    ...scored('p', 'auto', sample, grade),
    answer: '1',
  });
  const auto = [answered(0, 'correct'), answered(1, 'incorrect'), scored('p', 'auto', 2, 'incorrect')];
  const keptBy = (rules: CountingRules) =>
    curate(auto, new Map(), { ...emCuration, method: 'rl', ...rules }).queries.flatMap(({ kept }) => kept);
  expect(keptBy({}).map(({ rolloutId }) => rolloutId.at(-1))).toEqual(['0', '1', '2']);
  expect(keptBy({ voidTurns: 'left-out' })).toEqual(keptBy({}).slice(0, 2));
});

/**
 * Two arms whose worth to a user is known. Code is right always where the model runs it, which is in `comply` of the
 * rollouts; elsewhere it answers without code and is right in `brokeRight` of them. CoT is right in `cot`.
 */
function simulate(violations: CountingRules['violations'], comply: number, brokeRight: number, cotRight: number) {
  const random = createRandom('violations');
  const [problems, k] = [500, 8];
  const rollouts = Array.from({ length: problems }, (_, i) => `p${i}`).flatMap((id) =>
    Array.from({ length: k }, (_, sample) => [
      scored(id, 'cot', sample, random.next() < cotRight ? 'correct' : 'incorrect'),
      random.next() < comply
        ? scored(id, 'code', sample, 'correct')
        : {
            ...scored(id, 'code', sample, 'violation'),
            grade: random.next() < brokeRight ? ('correct' as const) : ('incorrect' as const),
          },
    ]).flat(),
  );
  const priors = new Map(rollouts.map(({ problemId }) => [problemId, [0.5, 0.5] as const]));
  const rules = violations === undefined ? {} : { violations };
  const { queries } = curate(rollouts, priors, { ...emCuration, minValid: 4, ...rules });
  const worth = comply + (1 - comply) * brokeRight;
  const meanEstimate = queries.reduce((sum, query) => sum + (query.estimates?.[1] ?? 0), 0) / queries.length;
  const targets = queries.flatMap(({ target }) => (target === undefined ? [] : [target]));
  const worse = worth > cotRight ? 0 : 1;
  const share = targets.filter((target) => (target[worse] ?? 0) > 0.5).length / problems;
  return `${violations}: Q̂(code) ${meanEstimate.toFixed(2)}, worth ${worth.toFixed(2)}; worse arm in ${(100 * share).toFixed(0)} %`;
}

test('left-out prefers the worse arm where half of the code rollouts run none; graded estimates the worth', () => {
  const cases = [
    [0.5, 0.2, 0.8],
    [0.5, 0.8, 0.8],
    [0.8, 0.9, 0.85],
    [0.5, 0, 0.3],
  ] as const;
  const lines = cases.flatMap(([comply, broke, right]) => [
    `complies ${comply}, else right ${broke}; CoT right ${right}`,
    ...VIOLATION_RULES.map((rule) => `  ${simulate(rule, comply, broke, right)}`),
  ]);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "complies 0.5, else right 0.2; CoT right 0.8
      left-out: Q̂(code) 1.00, worth 0.60; worse arm in 55 %
      wrong: Q̂(code) 0.51, worth 0.60; worse arm in 1 %
      graded: Q̂(code) 0.59, worth 0.60; worse arm in 4 %
    complies 0.5, else right 0.8; CoT right 0.8
      left-out: Q̂(code) 1.00, worth 0.90; worse arm in 0 %
      wrong: Q̂(code) 0.51, worth 0.90; worse arm in 70 %
      graded: Q̂(code) 0.89, worth 0.90; worse arm in 11 %
    complies 0.8, else right 0.9; CoT right 0.85
      left-out: Q̂(code) 1.00, worth 0.98; worse arm in 0 %
      wrong: Q̂(code) 0.79, worth 0.98; worse arm in 29 %
      graded: Q̂(code) 0.98, worth 0.98; worse arm in 3 %
    complies 0.5, else right 0; CoT right 0.3
      left-out: Q̂(code) 1.00, worth 0.50; worse arm in 0 %
      wrong: Q̂(code) 0.51, worth 0.50; worse arm in 5 %
      graded: Q̂(code) 0.51, worth 0.50; worse arm in 5 %"
  `);
});
