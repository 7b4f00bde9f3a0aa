import { describe, expect, it } from 'vitest';
import { evaluationMetrics } from '../../../src/scoring/evaluation-metrics.ts';
import { measureMean } from '../../../src/scoring/measure.ts';
import { scored } from '../methods/scored.ts';

describe('evaluation metrics', () => {
  const rollouts = [
    // a: only code works, auto took code. b: only CoT works, auto took code. c: both work.
    ...[scored('a', 'cot', 0, 'incorrect'), scored('a', 'code', 0, 'correct'), scored('a', 'auto', 0, 'correct', true)],
    ...[
      scored('b', 'cot', 0, 'correct'),
      scored('b', 'code', 0, 'violation'),
      scored('b', 'auto', 0, 'incorrect', true),
    ],
    ...[scored('c', 'cot', 0, 'correct'), scored('c', 'code', 0, 'correct'), scored('c', 'auto', 0, 'correct', false)],
  ];
  const priors = new Map([
    ['a', [0.2, 0.8] as const],
    ['b', [0.4, 0.6] as const],
    ['c', [0.5, 0.5] as const],
  ]);
  const metrics = evaluationMetrics(rollouts, priors);

  it('match hand values', () => {
    expect(metrics.accuracy.auto?.value).toBeCloseTo(2 / 3, 12);
    expect(metrics.accuracy.cot?.value).toBeCloseTo(2 / 3, 12);
    expect(metrics.accuracy.code?.value).toBeCloseTo(2 / 3, 12);
    expect(metrics.codeRate?.value).toBeCloseTo(2 / 3, 12);
    expect(metrics.selectionAccuracy.greedy).toMatchObject({ value: 0.5, n: 2 });
    expect(metrics.selectionAccuracy.sampled?.value).toBeCloseTo((0.8 + 0.4) / 2, 12);
    expect(metrics.oracle?.value).toBe(1);
    expect(metrics.priorCode?.value).toBeCloseTo((0.8 + 0.6 + 0.5) / 3, 12);
    expect(metrics.precision?.value).toBe(0.5);
    expect(metrics.recall?.value).toBe(1);
    expect(metrics.regret?.value).toBeCloseTo(1 / 3, 12);
  });

  it('leave infrastructure failures out of every share', () => {
    const disturbed = evaluationMetrics([...rollouts, scored('d', 'code', 0, 'infrastructure')], priors);
    expect({ ...disturbed, counts: undefined }).toEqual({ ...metrics, counts: undefined });
    expect(disturbed.counts?.['infrastructure.code']).toBe(1);
  });

  it('say nothing where nothing was measured', () => {
    expect(evaluationMetrics([scored('a', 'auto', 0, 'correct')], new Map())).not.toHaveProperty('oracle');
    expect(measureMean([])).toBeUndefined();
  });

  it('give Wilson intervals', () => {
    // 8 of 10: the textbook value.
    expect(measureMean([1, 1, 1, 1, 1, 1, 1, 1, 0, 0])).toEqual({
      value: 0.8,
      low: expect.closeTo(0.4902, 3),
      high: expect.closeTo(0.9433, 3),
      n: 10,
    });
  });
});
