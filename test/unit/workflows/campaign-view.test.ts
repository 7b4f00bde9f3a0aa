import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CampaignView } from '../../../src/protocol/campaign-messages.ts';
import { CAMPAIGN_STATUSES } from '../../../src/protocol/statuses.ts';
import { requireBlocked, requireLosses, stepInJournal } from '../../../workflows/blocked-step.ts';
import { withStatus } from '../../../workflows/campaign-view.ts';

const VIEW: CampaignView = {
  campaignId: 'math',
  status: 'running',
  iteration: 3,
  attempt: 1,
  stage: 'train',
  shardsDone: 4,
  shards: 4,
  iterationsDone: 2,
  iterationsPlanned: 5,
  paused: false,
};
const BLOCKED: CampaignView = { ...VIEW, status: 'blocked', reason: 'the disk is full', failure: 'store-unavailable' };
const STEP = {
  type: 'over-budget',
  message: 'too many lost',
  what: 'iteration 3',
  lost: { 'failed.code.sandbox': 4 },
} as const;

describe('the view with another status', () => {
  it('keeps the reason while the status stays, and takes a new one', () => {
    expect(withStatus(BLOCKED, 'blocked')).toEqual(BLOCKED);
    expect(withStatus(BLOCKED, 'blocked', 'no worker')).toEqual({ ...BLOCKED, reason: 'no worker' });
  });

  it('has neither reason nor failure after the answer', () => {
    expect(withStatus(BLOCKED, 'running')).toEqual(VIEW);
    expect(withStatus(BLOCKED, 'paused')).toEqual({ ...VIEW, status: 'paused' });
  });

  it('has a failure only while it is blocked, and changes nothing else', () => {
    const status = fc.constantFrom(...CAMPAIGN_STATUSES);
    fc.assert(
      fc.property(status, status, fc.option(fc.string(), { nil: undefined }), (before, after, reason) => {
        const view = withStatus({ ...BLOCKED, status: before }, after, reason);
        expect(view.status).toBe(after);
        expect(view.failure).toBe(after === 'blocked' ? 'store-unavailable' : undefined);
        const { reason: _reason, failure: _failure, ...rest } = view;
        expect(rest).toEqual({ ...VIEW, status: after });
      }),
    );
  });
});

describe('an answer to a campaign', () => {
  it.each(CAMPAIGN_STATUSES.filter((status) => status !== 'blocked'))('is refused while it is %s', (status) => {
    expect(() => requireBlocked({ ...VIEW, status }, undefined)).toThrow(
      `campaign math is ${status}; only a blocked one can be answered`,
    );
  });

  it('is taken once while it is blocked', () => {
    requireBlocked(BLOCKED, undefined);
    expect(() => requireBlocked(BLOCKED, 'retry')).toThrow('campaign math has just been answered with retry');
  });

  it('accepts losses only where rollouts were lost', () => {
    requireLosses(STEP);
    expect(() => requireLosses({ ...STEP, type: 'trainer-failed' })).toThrow(
      'iteration 3 failed as trainer-failed, so there are no lost rollouts to continue without; allowed are retry and abort',
    );
    expect(() => requireLosses(undefined)).toThrow('allowed are retry and abort');
  });

  it('is in the journal with the step that had failed', () => {
    expect(stepInJournal(STEP)).toEqual({ what: 'iteration 3', reason: 'too many lost', lost: STEP.lost });
    expect(stepInJournal({ type: 'internal', message: 'a bug', what: 'the warm-up' })).toEqual({
      what: 'the warm-up',
      reason: 'a bug',
    });
  });
});
