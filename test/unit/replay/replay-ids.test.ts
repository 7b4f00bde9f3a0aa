import { expect, test } from 'vitest';
import { replayedBy, replayWorkflowId } from '../../../src/temporal/replay-runs.ts';

const input = { campaignId: 'base-2', iteration: 13, from: 'train', settings: {} } as const;

test('the id of a replay names its iteration, with and without other settings', () => {
  for (const settings of [{}, { 'train.epochs': 2 }]) {
    const id = replayWorkflowId({ ...input, settings });
    expect(replayedBy(id)).toEqual({ campaignId: 'base-2', iteration: 13 });
  }
});

test('other workflows are no replays', () => {
  for (const id of ['campaign/base-2', 'eval/0123/math/from/1', 'replay/base-2', 'campaign/replay/1/from/train'])
    expect(replayedBy(id)).toBeUndefined();
});
