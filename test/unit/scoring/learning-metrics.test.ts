import { expect, test } from 'vitest';
import { iterationAlarms } from '../../../src/scoring/alarms.ts';
import { LEARNING_METRICS, withCurrentKeys } from '../../../src/scoring/learning-metrics.ts';

/** As trainers of earlier versions reported them; stored in manifests, journals and databases. */
const FORMER = {
  loss: 0.5,
  policyLoss: 0.1,
  nll: 0.6,
  meanRatio: 1.3,
  clipFraction: 0.4,
  approximateKl: 0.01,
  decisionLoss: 0.2,
  probabilityCode: 0.7,
  decisionEntropy: 0.3,
  gradientNorm: 2,
};
const CURRENT = {
  loss: 0.5,
  policy_loss: 0.1,
  nll: 0.6,
  ratio_mean: 1.3,
  clip_frac: 0.4,
  approx_kl: 0.01,
  decision_loss: 0.2,
  code_prob: 0.7,
  decision_entropy: 0.3,
  grad_norm: 2,
};

test('metrics of earlier versions are shown under the names of today', () => {
  expect(withCurrentKeys(FORMER)).toEqual(CURRENT);
  expect(withCurrentKeys(CURRENT)).toEqual(CURRENT);
});

test('keys are unique, and no former key is another metric of today', () => {
  const keys = LEARNING_METRICS.map(({ key }) => key);
  const former = LEARNING_METRICS.flatMap(({ formerKey }) => formerKey ?? []);
  expect(new Set([...keys, ...former]).size).toBe(keys.length + former.length);
});

test('alarms are raised by the metrics of either version', () => {
  const of = (trained: Record<string, number>) => iterationAlarms({ iteration: 1, sampled: {}, curated: {}, trained });
  expect(of(CURRENT).map(({ kind }) => kind)).toEqual(['importance-ratio', 'clip-fraction']);
  expect(of(FORMER)).toEqual(of(CURRENT));
});
