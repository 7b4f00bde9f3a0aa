import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { toFailure } from '../../../activities/to-failure.ts';
import { StoreError } from '../../../src/artifacts/store-error.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { describeFailure, FAILURE_TYPES, NON_RETRYABLE } from '../../../src/protocol/failures.ts';
import { StepFailure } from '../../../src/steps/step-failure.ts';

const failedActivity = (cause: Error) =>
  new ActivityFailure('activity failed', 'executeTurn', '1', 'MAXIMUM_ATTEMPTS_REACHED', 'sandbox@host', cause);

describe('what a person reads of a failure', () => {
  test('is the innermost cause with its type, through child workflows', () => {
    const cause = ApplicationFailure.create({ type: 'trainer-refused', message: 'ρ is not 1' });
    const child = new ChildWorkflowFailure(
      'default',
      { workflowId: 'w', runId: 'r' },
      'iteration',
      'NON_RETRYABLE_FAILURE',
      failedActivity(cause),
    );
    expect(describeFailure(child)).toEqual({ type: 'trainer-refused', message: 'ρ is not 1' });
  });

  test('distinguishes a worker that died from a worker that never came', () => {
    const timeout = (type: 'HEARTBEAT' | 'SCHEDULE_TO_START' | 'START_TO_CLOSE') =>
      describeFailure(failedActivity(new TimeoutFailure('timed out', undefined, type)));
    expect(timeout('HEARTBEAT')).toMatchObject({ type: 'no-worker', message: expect.stringMatching(/died or hung/) });
    expect(timeout('SCHEDULE_TO_START')).toMatchObject({
      type: 'no-worker',
      message: expect.stringMatching(/no worker took it/),
    });
    expect(timeout('START_TO_CLOSE')).toMatchObject({
      type: 'internal',
      message: expect.stringMatching(/longer than it may/),
    });
  });

  test('a type outside the closed set is a bug', () => {
    expect(describeFailure(ApplicationFailure.create({ type: 'TypeError', message: 'x' })).type).toBe('internal');
    expect(describeFailure('a string')).toEqual({ type: 'internal', message: 'a string' });
  });
});

describe('what an activity throws', () => {
  const typeOf = (error: unknown) => {
    const failure = toFailure(error, false);
    return failure instanceof ApplicationFailure ? [failure.type, failure.nonRetryable] : undefined;
  };

  test('is non-retryable exactly where trying again would give the same', () => {
    for (const type of FAILURE_TYPES)
      expect(typeOf(new StepFailure(type, 'why'))).toEqual([type, NON_RETRYABLE.includes(type)]);
    expect(typeOf(new StoreError('full', 'disk full'))).toEqual(['store-unavailable', false]);
    expect(typeOf(new ConfigError('line 3'))).toEqual(['bad-input', true]);
    expect(typeOf(new TypeError('x is undefined'))).toEqual(['internal', false]);
  });

  test('is non-retryable after the last failure that a step is allowed', () => {
    expect(toFailure(new TypeError('x'), true)).toMatchObject({ nonRetryable: true });
  });

  test('is short enough for a history, however long the log', () => {
    expect(toFailure(new StepFailure('trainer-failed', 'x'.repeat(100_000)), false).message.length).toBeLessThan(2100);
  });
});
