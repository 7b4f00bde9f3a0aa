import { expect, test } from 'vitest';
import { bestCheckpoint } from '../../../src/campaigns/best-checkpoint.ts';
import type { CampaignDetail, EvaluationView } from '../../../src/db/views.ts';
import { measureMean } from '../../../src/scoring/measure.ts';

/** Accuracies of `auto` in percent, by suite and in order of iteration; null is one that is not measured. */
function campaign(config: object, accuracies: Readonly<Record<string, readonly (number | null)[]>>, made = 4) {
  const evaluations = Object.entries(accuracies).flatMap(([suite, values]) =>
    values.map((value, iteration) => {
      const auto = measureMean(Array.from({ length: 100 }, (_, at) => (at < (value ?? 0) ? 1 : 0)));
      const metrics = value === null ? {} : { metrics: { accuracy: { auto }, selectionAccuracy: {} } };
      return { suite, iteration, checkpoint: `c${iteration}`, ...metrics } as EvaluationView;
    }),
  );
  const checkpoints = Array.from({ length: made }, (_, iteration) => ({ digest: `c${iteration}`, iteration }));
  return { config, evaluations, checkpoints } as unknown as CampaignDetail;
}

const suites = { evaluations: [{ suite: 'math' }, { suite: 'gsm8k' }] };

test.each([
  ['the first suite without validation problems', suites, { math: [10, 40, 30], gsm8k: [90, 1, 1] }, 'c1', 'math'],
  [
    'the validation problems, whatever the suites say',
    { ...suites, validation: { problems: 9 } },
    { math: [90, 1, 1], validation: [10, 20, 30] },
    'c2',
    'validation',
  ],
  [
    'the first suite that does not measure retention',
    { evaluations: [{ suite: 'gsm8k', role: 'retention' }, { suite: 'math' }] },
    { math: [10, 40, 30], gsm8k: [90, 1, 1] },
    'c1',
    'math',
  ],
  ['the earliest of equal ones', suites, { math: [10, 40, 40] }, 'c1', 'math'],
  ['what is measured', suites, { math: [10, null, 5] }, 'c0', 'math'],
] as const)('the best is chosen on %s', (_what, config, accuracies, checkpoint, suite) => {
  expect(bestCheckpoint(campaign(config, accuracies))).toMatchObject({ checkpoint, suite });
});

test('none is best where nothing is measured, or only checkpoints of others', () => {
  expect(bestCheckpoint(campaign({ ...suites, validation: { problems: 9 } }, { math: [10] }))).toBeUndefined();
  expect(bestCheckpoint(campaign({}, { math: [10] }))).toBeUndefined();
  expect(bestCheckpoint(campaign(suites, { math: [10, 40] }, 0))).toBeUndefined();
});
