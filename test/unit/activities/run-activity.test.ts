import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { FAILURES_ALLOWED, runActivity } from '../../../activities/run-activity.ts';
import { StepFailure } from '../../../src/steps/step-failure.ts';

const input = z.strictObject({ turn: z.int() });

async function failureOf(run: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await run.catch((caught: unknown) => caught);
  if (!(error instanceof ApplicationFailure)) throw new Error(`expected a failure, got ${String(error)}`);
  return error;
}

test('heartbeats at entry and while the work is silent, with the last progress', async () => {
  const environment = new MockActivityEnvironment();
  const beats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => beats.push(details));
  const activity = runActivity(input, async (_, { report }) => {
    report({ done: 3, total: 8, unit: 'rollouts' });
    await sleep(2300);
    return 'done';
  });
  expect(await environment.run(activity, { turn: 0 })).toBe('done');
  expect(beats).toEqual([{ failures: 0 }, { failures: 0, progress: { done: 3, total: 8, unit: 'rollouts' } }]);
});

test('a payload that this version does not know is refused and never retried', async () => {
  const environment = new MockActivityEnvironment();
  const activity = runActivity(input, async () => 'done');
  const failure = await failureOf(environment.run(activity, { turn: 0, colour: 'red' } as never));
  expect(failure).toMatchObject({ type: 'bad-input', nonRetryable: true });
  expect(failure.message).toMatch(/colour/);
});

test('counts failures of the work over attempts, and gives up after the last one allowed', async () => {
  const fails = runActivity(input, async () => {
    throw new StepFailure('sampler-failed', 'the engine fell over');
  });
  for (let failures = 0; failures < FAILURES_ALLOWED; failures += 1) {
    // Attempt numbers are larger: workers were killed in between, and that doesn't count.
    const environment = new MockActivityEnvironment({ attempt: failures + 20, heartbeatDetails: { failures } });
    let reported: unknown;
    environment.on('heartbeat', (details: unknown) => {
      reported = details;
    });
    const failure = await failureOf(environment.run(fails, { turn: 0 }));
    expect(failure.nonRetryable).toBe(failures === FAILURES_ALLOWED - 1);
    expect(reported).toEqual({ failures: failures + 1 });
  }
});

test('a part that was killed does not count, however often', async () => {
  const killed = runActivity(input, async () => {
    throw new StepFailure('no-worker', 'the trainer was ended by SIGKILL');
  });
  const environment = new MockActivityEnvironment({
    attempt: 30,
    heartbeatDetails: { failures: FAILURES_ALLOWED - 1 },
  });
  let reported: unknown;
  environment.on('heartbeat', (details: unknown) => {
    reported = details;
  });
  expect((await failureOf(environment.run(killed, { turn: 0 }))).nonRetryable).toBe(false);
  expect(reported).toEqual({ failures: FAILURES_ALLOWED - 1 });
});

test('details of unknown form count as no failure', async () => {
  const environment = new MockActivityEnvironment({ heartbeatDetails: 'from another version' });
  const activity = runActivity(input, async () => {
    throw new Error('once');
  });
  expect((await failureOf(environment.run(activity, { turn: 0 }))).nonRetryable).toBe(false);
});

test('a cancelled step ends as cancelled, independent of what the work throws', async () => {
  const environment = new MockActivityEnvironment();
  const activity = runActivity(input, async (_, { signal }) => {
    await sleep(10_000, undefined, { signal });
  });
  const run = environment.run(activity, { turn: 0 });
  setTimeout(() => environment.cancel('CANCELLED'), 50);
  await expect(run).rejects.toBeInstanceOf(CancelledFailure);
});
