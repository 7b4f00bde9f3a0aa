import { expect, it, test } from 'vitest';
import type { RolloutPage, RolloutReader, RolloutView } from '../../../src/campaigns/read-rollouts.ts';
import { regradeIteration } from '../../../src/campaigns/regrade.ts';
import { graderFor } from '../../../src/grader/grader-for.ts';

function rollout(
  k: number,
  text: string,
  verdict: 'correct' | 'incorrect',
  reason = 'stored',
  answer = '1, 2',
): RolloutView {
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
    problem: { id: 'p', problem: '', answer },
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

/** Golds that the rules can't read, of each kind; campaigns grade their rollouts as text. */
test.each([['\\boxed{}'], ['the answer is \\boxed{  }'], ['x'.repeat(5000)]])(
  'an unchanged grader flips nothing of an unreadable gold, under any conventions: %.20s',
  async (gold) => {
    const grade = graderFor(gold);
    const rollouts = [gold, `so ${gold}`, '\\boxed{7}', ''].map((text, k) => {
      const { verdict, reason } = grade(text);
      if (verdict === 'undecided') throw new Error('text is decided');
      return rollout(k, text, verdict, reason, gold);
    });
    const reader = { readRecent: async () => [], ...readerOf(rollouts) };
    for (const options of [{}, { listOrder: 'fixed' }] as const) {
      const report = await regradeIteration(reader, { campaign: 'c', iteration: 1 }, options);
      expect(report).toEqual({ iteration: 1, graded: rollouts.length, flips: [] });
    }
    expect(new Set(rollouts.map((item) => item.grade?.verdict))).toEqual(new Set(['correct', 'incorrect']));
  },
);
