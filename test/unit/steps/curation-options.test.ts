import { expect, test } from 'vitest';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { curationOptions } from '../../../src/steps/curate.ts';

const parse = (strategy: object) =>
  campaignSchema.parse({
    name: 'c',
    model: '/a/model',
    template: 'testbed',
    iterations: 1,
    problems: [{ from: 'gsm8k' }],
    strategy,
  });

test('what an earlier version computed without a setting is not in the key of the step', () => {
  const options = curationOptions(parse({ violations: 'left-out' }), 1);
  expect(options.strategy).toEqual({ name: 'energy', alpha: 8, priorFloor: 0.01 });
  for (const name of ['violations', 'truncated', 'perProblem', 'distinct']) expect(options).not.toHaveProperty(name);
  const { confidence: _, violations: __, truncated: ___, ...earlier } = parse({}).strategy;
  const stored = { ...parse({}), strategy: earlier } as ReturnType<typeof parse>;
  expect(JSON.stringify(curationOptions(stored, 1))).toBe(JSON.stringify(options));
});

test('a changed setting is in the key', () => {
  const options = curationOptions(parse({ confidence: 0.95, violations: 'graded', truncated: 'left-out' }), 1);
  expect(options).toMatchObject({
    strategy: { confidence: 0.95 },
    violations: 'graded',
    truncated: 'left-out',
  });
});
