import { expect, it } from 'vitest';
import type { RolloutPage, RolloutReader, RolloutView } from '../../../src/campaigns/read-rollouts.ts';
import { regradeIteration } from '../../../src/campaigns/regrade.ts';

function rollout(k: number, text: string, verdict: 'correct' | 'incorrect', reason = 'stored'): RolloutView {
  const id = `p#cot#${k}`;
  return {
    id,
    problemId: 'p',
    arm: 'cot',
    sample: k,
    seed: '',
    state: 'completed',
    promptTokens: 1,
    modelTokens: 1,
    toolTokens: 0,
    executions: 0,
    logProbSum: 0,
    iteration: 1,
    texts: { id, segments: [{ by: 'model', text }], blocks: [] },
    grade: { id, verdict, reason },
    problem: { id: 'p', problem: '', answer: '1, 2' },
  } as unknown as RolloutView;
}

function readerOf(rollouts: readonly RolloutView[]): Pick<RolloutReader, 'read'> {
  return {
    read: async ({ offset, limit }): Promise<RolloutPage> => ({
      iteration: 1,
      total: rollouts.length,
      offset,
      rollouts: rollouts.slice(offset, offset + limit),
    }),
  };
}

it('lists every flip over all pages, and none that the rules could not say', async () => {
  const rollouts = Array.from({ length: 1201 }, (_, k) => rollout(k, '\\boxed{2, 1}', 'correct'));
  rollouts[3] = rollout(3, '\\boxed{2, 3}', 'correct');
  rollouts[1200] = rollout(1200, '\\boxed{1, 2}', 'incorrect');
  rollouts[7] = rollout(7, '\\boxed{1, 3}', 'correct', 'grader-failed');
  const reader = { readRecent: async () => [], ...readerOf(rollouts) };
  const where = { campaign: 'c', iteration: 1 };
  const present = await regradeIteration(reader, where, {});
  expect(present.graded).toBe(1201);
  expect(present.flips.map(({ rolloutId, after }) => [rolloutId, after.verdict])).toEqual([
    ['p#cot#3', 'incorrect'],
    ['p#cot#1200', 'correct'],
  ]);
  const ordered = await regradeIteration(reader, where, { listOrder: 'fixed' });
  expect(ordered.flips).toHaveLength(1200);
});
