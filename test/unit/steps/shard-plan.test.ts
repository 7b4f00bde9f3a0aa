import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TEMPLATES } from '../../../src/rollout/template.ts';
import { countRollouts, cutShards } from '../../../src/steps/shard-plan.ts';

const rest = {
  template: TEMPLATES.testbed,
  temperature: 1,
  maxNewTokens: 8,
  maxTurns: 2,
  limits: { cpuMs: 1, wallMs: 1, memoryBytes: 1, outputBytes: 1 },
  seed: '0',
};

test('shards of any size cover the problems in order, and each arm covers its first problems up to its limit', () => {
  const limit = fc.option(fc.nat({ max: 40 }), { nil: undefined });
  fc.assert(
    fc.property(
      fc.nat({ max: 30 }),
      fc.integer({ min: 1, max: 12 }),
      limit,
      fc.integer({ min: 1, max: 4 }),
      (count, size, cap, samples) => {
        const problems = Array.from({ length: count }, (_, index) => ({ id: `${index}`, problem: '', answer: '' }));
        const arms = [
          { arm: 'auto' as const, samples },
          { arm: 'code' as const, samples, ...(cap === undefined ? {} : { limit: cap }) },
        ];
        const shards = cutShards(problems, size, arms, rest);
        expect(shards.flatMap((shard) => shard.problems)).toEqual(problems);
        expect(shards.every((shard) => shard.problems.length <= size)).toBe(true);
        const sampled = shards.flatMap((shard) =>
          shard.problems.slice(0, shard.arms.find(({ arm }) => arm === 'code')?.problems ?? 0),
        );
        expect(sampled).toEqual(problems.slice(0, cap ?? count));
        const rollouts = shards.reduce((sum, shard) => sum + countRollouts(shard), 0);
        expect(rollouts).toBe(samples * (count + Math.min(count, cap ?? count)));
      },
    ),
  );
});

test('a shard without any rollout is left out', () => {
  const problems = ['a', 'b', 'c'].map((id) => ({ id, problem: '', answer: '' }));
  expect(cutShards(problems, 1, [{ arm: 'auto', samples: 1, limit: 1 }], rest)).toHaveLength(1);
});
