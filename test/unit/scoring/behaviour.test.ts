import { expect, it } from 'vitest';
import type { RolloutSummary, RolloutTexts } from '../../../src/rollout/file.ts';
import type { ExecutionEnd, RolloutState, TextSegment } from '../../../src/rollout/types.ts';
import { behaviourOf, sumBehaviour } from '../../../src/scoring/behaviour.ts';

function rollout(id: string, ends: readonly ExecutionEnd[], state: RolloutState = 'completed') {
  const segments = [
    { by: 'prefix', text: 'prefix, which the model did not write' },
    ...ends.flatMap((): TextSegment[] => [
      { by: 'model', text: '12345' },
      { by: 'tool', text: 'a long output that is not counted' },
    ]),
    { by: 'model', text: '12345' },
  ] satisfies TextSegment[];
  const summary: RolloutSummary = {
    id,
    problemId: 'p',
    arm: 'auto',
    sample: 0,
    seed: 's',
    state,
    ranCode: ends.length > 0,
    promptTokens: 1,
    modelTokens: 10,
    toolTokens: 4 * ends.length,
    logProbSum: -1,
  };
  const blocks = ends.map((end) => ({ code: 'x = 1\n\nprint(x)\n', result: { end, stdout: '' } }));
  const texts: RolloutTexts = { id, segments, blocks };
  return { summary, texts };
}

const sums = (...all: ReturnType<typeof rollout>[]) =>
  sumBehaviour(
    all.map(({ summary }) => summary),
    all.map(({ texts }) => texts),
  );

it('describes how rollouts use code', () => {
  const behaviour = behaviourOf([
    sums(rollout('a', []), rollout('b', ['ok']), rollout('c', ['error', 'ok', 'memory'])),
  ]);
  expect(behaviour).toEqual({
    rollouts: 3,
    codeShare: 2 / 3,
    blocks: 2,
    linesPerBlock: 2,
    firstBlockAt: (1 / 2 + 1 / 4) / 2,
    failedBlocks: 2 / 4,
    selfCorrection: 1 / 2,
    modelTokens: 10,
    toolTokens: 16 / 3,
  });
});

it('is the same of all shards at once and of each by itself', () => {
  const [a, b, c] = [rollout('a', ['error', 'error']), rollout('b', ['ok']), rollout('c', [])];
  expect(behaviourOf([sums(a), sums(b, c)])).toEqual(behaviourOf([sums(a, b, c)]));
});

it('leaves out what infrastructure lost, blocks that did not run, and figures of nothing', () => {
  const waiting = rollout('w', []);
  const unrun = { ...waiting, texts: { ...waiting.texts, blocks: [{ code: 'print(1)' }] } };
  expect(behaviourOf([sums(rollout('l', ['ok'], 'infrastructure'), unrun)])).toEqual({
    rollouts: 1,
    codeShare: 0,
    modelTokens: 10,
    toolTokens: 0,
  });
  expect(behaviourOf([sums(rollout('b', ['ok']))])).not.toHaveProperty('selfCorrection');
  expect(behaviourOf([])).toBeUndefined();
});
