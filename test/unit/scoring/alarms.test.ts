import { describe, expect, test } from 'vitest';
import { lossesOf } from '../../../src/protocol/counts.ts';
import type { EvaluationMetrics } from '../../../src/protocol/evaluation-metrics.ts';
import { evaluationAlarms, type IterationCounts, iterationAlarms } from '../../../src/scoring/alarms.ts';
import { measureMean } from '../../../src/scoring/measure.ts';

const quiet: IterationCounts = {
  iteration: 3,
  sampled: {
    'completed.cot': 500,
    'truncated.cot': 12,
    'completed.code': 490,
    'violation.code': 20,
    'failed.code.sandbox': 2,
    'infrastructure.code': 2,
  },
  curated: { targets: 100, targetsAgainstEstimate: 5 },
  trained: { ratio_mean: 1.05, clip_frac: 0.2 },
};
const kinds = (counts: Partial<IterationCounts>) => iterationAlarms({ ...quiet, ...counts }).map(({ kind }) => kind);

describe('an iteration', () => {
  test('within its limits raises nothing', () => {
    expect(iterationAlarms(quiet)).toEqual([]);
    expect(iterationAlarms({ iteration: 1, sampled: {}, curated: {}, trained: {} })).toEqual([]);
  });

  test('names arm, share and causes of what was lost to infrastructure', () => {
    const sampled = {
      'completed.code': 460,
      'infrastructure.code': 40,
      'failed.code.sandbox': 40,
      'failed.code.grader': 10,
    };
    expect(iterationAlarms({ ...quiet, sampled })).toEqual([
      {
        kind: 'infrastructure',
        iteration: 3,
        message: '10 % of the code rollouts were lost to infrastructure (sandbox 40, grader 10)',
      },
    ]);
    expect(lossesOf(sampled, 'code')).toEqual({ sandbox: 40, grader: 10 });
    expect(lossesOf(sampled, 'cot')).toEqual({});
  });

  test.each([
    ['arm-violations', { sampled: { 'completed.cot': 90, 'violation.cot': 10 } }],
    ['undecided', { sampled: { 'completed.code': 100, 'undecided.code': 6 } }],
    ['targets-against-estimate', { curated: { targets: 100, targetsAgainstEstimate: 6 } }],
    ['importance-ratio', { trained: { ratio_mean: 0.7 } }],
    ['clip-fraction', { trained: { clip_frac: 0.31 } }],
  ] as const)('raises %s alone', (kind, counts) => {
    expect(kinds(counts)).toEqual([kind]);
  });
});

const of = (value: number, n = 400) =>
  measureMean(Array.from({ length: n }, (_, index) => (index < Math.round(value * n) ? 1 : 0)));

function metrics(values: Partial<Record<'auto' | 'cot' | 'code' | 'oracle' | 'prior' | 'rate' | 'selection', number>>) {
  const { auto = 0.9, cot = 0.36, code = 0.65, oracle = 0.92, prior = 0.6, rate = 0.6, selection = 0.98 } = values;
  const found = {
    accuracy: { auto: of(auto), cot: of(cot), code: of(code) },
    selectionAccuracy: { sampled: of(selection) },
    oracle: of(oracle),
    priorCode: of(prior),
    codeRate: of(rate),
  };
  return found as EvaluationMetrics;
}
const alarmsAfter = (...all: Parameters<typeof metrics>[0][]) =>
  evaluationAlarms(all.map((values, iteration) => ({ iteration, metrics: metrics(values) })));

describe('an evaluation', () => {
  test('of a model that decides well raises nothing, nor does none at all', () => {
    expect(alarmsAfter({ auto: 0.4, selection: 0.3 }, {}, {})).toEqual([]);
    expect(evaluationAlarms([])).toEqual([]);
  });

  test('raises a polarised prior only while the decision is wrong', () => {
    expect(alarmsAfter({ prior: 0.03, selection: 0.36, rate: 0.2 })).toEqual([
      {
        kind: 'polarised-prior',
        iteration: 0,
        message: '97 % of the prior is on text, before the decision is right (selection 36 %)',
      },
    ]);
    expect(alarmsAfter({ prior: 0.97, selection: 0.95 })).toEqual([]);
  });

  test('raises an arm that auto hardly ever takes', () => {
    expect(alarmsAfter({ rate: 0.01 }).map(({ kind }) => kind)).toEqual(['one-sided-auto']);
    expect(alarmsAfter({ rate: 0.97 }).map(({ kind }) => kind)).toEqual(['one-sided-auto']);
  });

  test('raises what was lost against the start, by name', () => {
    const alarms = alarmsAfter({}, { cot: 0.29, oracle: 0.86, auto: 0.85 });
    expect(alarms.map(({ kind, message }) => [kind, message.split(' is ')[0]])).toEqual([
      ['capability-lost', 'oracle'],
      ['capability-lost', 'forced cot'],
    ]);
    expect(alarmsAfter({}, { cot: 0.32 })).toEqual([]);
  });

  test('raises auto below the oracle only where it comes no nearer', () => {
    expect(alarmsAfter({ auto: 0.4 }, { auto: 0.6 })).toEqual([]);
    expect(alarmsAfter({ auto: 0.6 }, { auto: 0.6 }).map(({ kind }) => kind)).toEqual(['auto-below-oracle']);
  });
});
