import { describe, expect, it } from 'vitest';
import { estimateSecondsLeft, throughputOf } from '../../../src/campaigns/progress.ts';
import type { CampaignDetail, IterationView, StageView } from '../../../src/db/views.ts';
import type { StageName } from '../../../src/protocol/stages.ts';

const START_MS = Date.UTC(2026, 0, 1);
const at = (second: number) => new Date(START_MS + second * 1000).toISOString();

function done(stage: StageName, start: number, seconds: number): StageView {
  return { stage, status: 'completed', startedAt: at(start), endedAt: at(start + seconds), seconds };
}

function iteration(number: number, stages: readonly StageView[], rest: Partial<IterationView> = {}): IterationView {
  const none = { shardsDone: 0, shardsPlanned: 0, shardManifests: [], counts: {} };
  return { iteration: number, status: 'running', stages, ...none, ...rest };
}

function campaign(iterations: readonly IterationView[], rest: Partial<CampaignDetail> = {}): CampaignDetail {
  return {
    id: 'c',
    status: 'running',
    alarms: [],
    iterationsDone: 1,
    iterationsPlanned: 4,
    createdAt: at(0),
    updatedAt: at(0),
    iterations,
    checkpoints: [],
    evaluations: [],
    ...rest,
  };
}

const first = iteration(1, [done('plan', 0, 1), done('sample', 1, 10), done('train', 11, 20), done('evaluate', 31, 5)]);

describe('the estimate of what is left', () => {
  it('is what the stages usually take, for what has not begun', () => {
    const open = iteration(2, [done('plan', 36, 1)]);
    // 35 seconds of this iteration, and two more of 36.
    expect(estimateSecondsLeft(campaign([first, open]), START_MS + 37_000)).toBe(35 + 2 * 36);
  });

  it('follows the shards while sampling', () => {
    const sampling: StageView = { stage: 'sample', status: 'running', startedAt: at(37) };
    const open = iteration(2, [done('plan', 36, 1), sampling], { shardsDone: 1, shardsPlanned: 4 });
    // A shard took 6 seconds, three are left.
    expect(estimateSecondsLeft(campaign([first, open]), START_MS + 43_000)).toBe(18 + 25 + 2 * 36);
  });

  it('is never negative for a stage that takes longer than usual', () => {
    const training: StageView = { stage: 'train', status: 'running', startedAt: at(50) };
    const open = iteration(4, [done('plan', 36, 1), done('sample', 37, 10), training]);
    expect(estimateSecondsLeft(campaign([first, open]), START_MS + 500_000)).toBe(5);
  });

  it('is withheld before anything was trained, and when nothing runs', () => {
    expect(estimateSecondsLeft(campaign([iteration(1, [done('plan', 0, 1)])]), START_MS)).toBeUndefined();
    expect(estimateSecondsLeft(campaign([first], { status: 'paused' }), START_MS)).toBeUndefined();
  });
});

it('measures the speed over the sample stage, up to the last shard while it runs', () => {
  const sampling: StageView = { stage: 'sample', status: 'running', startedAt: at(10) };
  const counts = { rollouts: 512, newTokens: 8000 };
  const open = iteration(1, [sampling], { shardsDone: 1, shardsPlanned: 2, lastShardAt: at(14), counts });
  expect(throughputOf(campaign([open]))).toEqual({ iteration: 1, rolloutsPerSecond: 128, tokensPerSecond: 2000 });
  expect(throughputOf(campaign([iteration(1, [sampling])]))).toBeUndefined();
});
