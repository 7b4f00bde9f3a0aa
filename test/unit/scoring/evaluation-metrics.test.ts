import { describe, expect, it } from 'vitest';
import type { DecisionPair } from '../../../src/methods/prior.ts';
import { evaluationMetrics } from '../../../src/scoring/evaluation-metrics.ts';
import { measureMean } from '../../../src/scoring/measure.ts';
import { scored } from '../methods/scored.ts';

/** Log-probs of the prefixes. */
const logs = (cot: number, code: number): DecisionPair => [Math.log(cot), Math.log(code)];

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
    ['a', logs(0.2, 0.8)],
    ['b', logs(0.4, 0.6)],
    ['c', logs(0.5, 0.5)],
  ]);
  const metrics = evaluationMetrics(rollouts, priors);

  it('measure how likely the prefixes are', () => {
    expect(metrics.prefixMass?.value).toBeCloseTo(1, 12);
    const unlikely = new Map(['a', 'b'].map((id) => [id, logs(0.001, 0.002)] as const));
    const { prefixMass, priorCode } = evaluationMetrics(rollouts, unlikely);
    expect(prefixMass).toMatchObject({ value: expect.closeTo(0.003, 12), n: 2 });
    expect(priorCode?.value).toBeCloseTo(2 / 3, 12);
  });

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

describe('one sampled rollout an arm', () => {
  const sampled = (temperature: number) =>
    evaluationMetrics(
      [scored('a', 'cot', 0, 'incorrect'), scored('a', 'code', 0, 'correct'), scored('a', 'auto', 0, 'incorrect')],
      new Map([['a', logs(0.2, 0.8)]]),
      undefined,
      { temperature },
    );

  it('neither chooses nor judges an arm: no oracle, no selection, but pass@2 over the arms', () => {
    const metrics = sampled(1);
    expect(metrics).not.toHaveProperty('oracle');
    expect(metrics).not.toHaveProperty('regret');
    expect(metrics.selectionAccuracy).toEqual({});
    expect(metrics.either?.value).toBe(1);
  });

  it('is exact where it is greedy', () => {
    expect(sampled(0).oracle?.value).toBe(1);
    expect(sampled(0).selectionAccuracy.sampled?.value).toBeCloseTo(0.8, 12);
  });
});

describe('several samples an arm', () => {
  const arm = (problem: string, name: 'auto' | 'cot' | 'code', right: number, n: number, ranCode?: boolean) =>
    Array.from({ length: n }, (_, at) => scored(problem, name, at, at < right ? 'correct' : 'incorrect', ranCode));
  // a: code is better for sure. b: CoT, by less. c: not sure.
  const rollouts = [
    ...[...arm('a', 'cot', 0, 8), ...arm('a', 'code', 8, 8), ...arm('a', 'auto', 8, 8, true)],
    ...[...arm('b', 'cot', 7, 8), ...arm('b', 'code', 2, 8), ...arm('b', 'auto', 7, 8, true)],
    ...[...arm('c', 'cot', 4, 8), ...arm('c', 'code', 5, 8), ...arm('c', 'auto', 5, 8, true)],
  ];
  const priors = new Map(['a', 'b', 'c'].map((id) => [id, logs(0.2, 0.8)]));
  const of = (temperature: number) => evaluationMetrics(rollouts, priors, undefined, { temperature });

  it('differ only where one arm is better with P ≥ .95, and weigh by how much', () => {
    const expected = (values: readonly [number, number]) => (values[0] * 1 + values[1] * (5 / 8)) / (1 + 5 / 8);
    expect(of(1).selectionAccuracy.greedy).toMatchObject({ value: expected([1, 0]), n: 2 });
    expect(of(1).selectionAccuracy.sampled?.value).toBeCloseTo(expected([0.8, 0.2]), 12);
  });

  it('take the prior at the temperature of the samples', () => {
    const code = 4 ** 2 / (1 + 4 ** 2);
    const [a, b] = [1, 5 / 8];
    expect(of(0.5).selectionAccuracy.sampled?.value).toBeCloseTo((a * code + b * (1 - code)) / (a + b), 12);
    expect(of(0.5).priorCode?.value).toBeCloseTo(0.8, 12);
  });

  it('have one interval for the accuracy and avg@k', () => {
    expect(of(1).repeated?.auto?.avg).toEqual(of(1).accuracy.auto);
  });
});

describe('undecided answers', () => {
  const rollouts = [
    scored('a', 'auto', 0, 'correct'),
    scored('b', 'auto', 0, 'undecided'),
    scored('c', 'auto', 0, 'incorrect'),
    scored('d', 'auto', 0, 'infrastructure'),
    scored('a', 'cot', 0, 'correct'),
  ];
  it('are out of the accuracy and wrong in the strict one, which arms without them do not have', () => {
    const { accuracy, strictAccuracy } = evaluationMetrics(rollouts, new Map());
    expect(accuracy.auto).toMatchObject({ value: 1 / 2, n: 2 });
    expect(strictAccuracy?.auto).toMatchObject({ value: 1 / 3, n: 3 });
    expect(strictAccuracy).not.toHaveProperty('cot');
  });
});
