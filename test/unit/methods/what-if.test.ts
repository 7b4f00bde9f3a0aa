import { expect, test } from 'vitest';
import type { CurationOptions } from '../../../src/methods/curate.ts';
import type { ScoredSummary } from '../../../src/methods/scored-rollout.ts';
import { type WhatIfInput, whatIf } from '../../../src/methods/what-if.ts';

const options: CurationOptions = {
  method: 'em',
  strategy: { name: 'energy', alpha: 8, priorFloor: 0.01 },
  minValid: 2,
  rollouts: 'all',
  pooledAdvantages: false,
  seed: '0/1',
};

/** `1` right, `0` wrong, `t` truncated. */
function rollouts(problemId: string, cot: string, code: string): ScoredSummary[] {
  return (
    [
      ['cot', cot],
      ['code', code],
    ] as const
  ).flatMap(([arm, ends]) =>
    [...ends].map((end, sample) => ({
      id: `${problemId}#${arm}#${sample}`,
      problemId,
      arm,
      sample,
      seed: '',
      state: end === 't' ? 'truncated' : 'completed',
      ranCode: arm === 'code',
      promptTokens: 3,
      modelTokens: 10 + sample,
      toolTokens: 0,
      logProbSum: -1,
      ...(end === 't' ? {} : { grade: end === '1' ? 'correct' : 'incorrect' }),
    })),
  );
}

const input: WhatIfInput = {
  rollouts: [...rollouts('a', '0000', '1110'), ...rollouts('b', '1111', '0tt0'), ...rollouts('c', '0000', '0000')],
  priors: new Map([
    ['a', [0.9, 0.1]],
    ['b', [0.5, 0.5]],
    ['c', [0.5, 0.5]],
  ]),
  before: options,
  after: options,
  filters: { samplesByArm: { cot: 4, code: 4 } },
  limit: 100,
};

test('the same settings change nothing', () => {
  const report = whatIf(input);
  expect(report.after).toEqual(report.before);
  expect(report.changed).toEqual({ problems: 0, rollouts: 0, grades: 0, estimates: 0, targets: 0, preferredArms: 0 });
  expect([report.problems, report.rollouts]).toEqual([[], []]);
});

test('a smaller α moves the targets of the problems that have one, and no rollout', () => {
  const report = whatIf({ ...input, after: { ...options, strategy: { ...options.strategy, alpha: 1 } } });
  expect(report.problems.map(({ problemId }) => problemId)).toEqual(['a', 'b']);
  // With α = 8 code is worth exp(6) to π(code) = 0.1; with α = 1 exp(0.75) is not enough against 0.9.
  expect(report.problems[0]?.before?.target?.[1]).toBeCloseTo((0.1 * Math.exp(6)) / (0.9 + 0.1 * Math.exp(6)), 12);
  expect(report.problems[0]?.after?.target?.[1]).toBeCloseTo((0.1 * Math.exp(0.75)) / (0.9 + 0.1 * Math.exp(0.75)), 12);
  expect(report.changed).toMatchObject({ problems: 2, rollouts: 0, targets: 2, estimates: 0, preferredArms: 1 });
});

test('fewer samples take the first of each arm, and say which rollouts are no longer learnt from', () => {
  const report = whatIf({ ...input, filters: { samplesByArm: { cot: 3, code: 3 } } });
  expect(report.after.rollouts).toBe(18);
  expect(report.problems.map(({ problemId, after }) => [problemId, after?.estimates])).toEqual([['a', [0, 1]]]);
  // All three code rollouts of a are right now: no advantage is left in it.
  expect(report.rollouts.map(({ rolloutId, advantageAfter }) => [rolloutId, advantageAfter])).toEqual([
    ['a#code#0', undefined],
    ['a#code#1', undefined],
    ['a#code#2', undefined],
    ['a#code#3', undefined],
  ]);
});

test('truncated rollouts can be left out in place of counted as wrong; too few left withhold the problem', () => {
  const after = { ...options, truncated: 'left-out' } as const;
  expect(whatIf({ ...input, after }).after).toMatchObject({ rollouts: 24, withheld: 0 });
  const strict = whatIf({ ...input, after: { ...after, minValid: 3 } });
  expect(strict.after.withheld).toBe(1);
  expect(strict.problems.find(({ problemId }) => problemId === 'b')).not.toHaveProperty('after');
});

test('other grades change estimates, and are listed with both verdicts', () => {
  const grades = new Map([['c#cot#0', { grade: 'correct' as const, gradeReason: 'number-equal' }]]);
  const report = whatIf({ ...input, grades });
  expect(report.changed.grades).toBe(1);
  expect(report.rollouts.find(({ gradeAfter }) => gradeAfter !== undefined)).toMatchObject({
    rolloutId: 'c#cot#0',
    gradeBefore: 'incorrect',
    gradeAfter: 'correct',
  });
  expect(report.problems).toEqual([{ problemId: 'c', after: expect.objectContaining({ estimates: [0.25, 0] }) }]);
});

test('the lists are cut, the counts are not', () => {
  const report = whatIf({ ...input, filters: { samplesByArm: { cot: 3, code: 3 } }, limit: 1 });
  expect(report.rollouts).toHaveLength(1);
  expect(report.changed.rollouts).toBe(4);
});
