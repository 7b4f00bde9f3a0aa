/** What a person asks of a campaign that runs: done within seconds, once however often it is asked, and in the journal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { WorkflowGateway } from '../../../src/campaigns/gateway.ts';
import { readRecovery } from '../../../src/campaigns/recovery.ts';
import type { CampaignResult } from '../../../src/protocol/campaign-input.ts';
import type { CampaignView } from '../../../src/protocol/campaign-messages.ts';
import { createTemporalGateway } from '../../../src/temporal/gateway.ts';
import { statusQuery } from '../../../workflows/messages.ts';
import { readEvents } from '../../support/journal.ts';
import { createSimulatedParts } from '../../support/simulated-parts.ts';
import { type SimulatedStack, startSimulatedStack } from '../../support/simulated-stack.ts';

let stack: SimulatedStack;
let gateway: WorkflowGateway;
beforeAll(async () => {
  stack = await startSimulatedStack();
  gateway = createTemporalGateway(stack.temporal);
});
afterAll(async () => {
  await gateway.close();
  await stack.stop();
});
afterEach(() => {
  const { gate, executionGate, trainerGate } = createSimulatedParts();
  Object.assign(stack.parts, { gate, executionGate, trainerGate });
});

const resultOf = (handle: WorkflowHandle): Promise<CampaignResult> => handle.result();
const goOn = (id: string) => async () => (await readRecovery(stack.store, id)).input;
const by = 'ada@lovelace';

async function until(handle: WorkflowHandle, holds: (view: CampaignView) => boolean): Promise<CampaignView> {
  for (;;) {
    const view = await handle.query(statusQuery);
    if (holds(view)) return view;
    await sleep(50);
  }
}

function hold(): { readonly gate: () => Promise<void>; readonly waiting: () => number; readonly open: () => void } {
  let open: () => void = () => undefined;
  let waiting = 0;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    gate: () => {
      waiting += 1;
      return gate;
    },
    waiting: () => waiting,
    open,
  };
}

/** What the journal says that people did. */
const asked = async (id: string) =>
  (await readEvents(stack.store, id)).flatMap(({ at, kind, details }) =>
    'by' in details && details.by !== undefined ? [{ at, kind, by: details.by }] : [],
  );

const workDone = () => Object.values(stack.parts.done).reduce((sum, count) => sum + count, 0);

test('pause in the middle of a shard: the step in flight ends and is kept, no other begins', async () => {
  const held = hold();
  stack.parts.gate = held.gate;
  const config = stack.configure('mid-shard', { seed: 41, iterations: 1, evaluations: [] });
  const handle = await stack.start({ ...config, sampling: { ...config.sampling, shardsInFlight: 1 } });
  while (held.waiting() === 0) await sleep(20);
  await gateway.pauseCampaign('mid-shard', { by });
  const pausedAt = Date.now();
  await until(handle, ({ status }) => status === 'paused');
  const secondsToPause = (Date.now() - pausedAt) / 1000;
  stack.parts.gate = () => Promise.resolve();
  held.open();
  const { executions } = stack.parts.done;
  await sleep(1500);
  // The first turn was sampled; its code is not run.
  expect(stack.parts.done.executions).toBe(executions);
  expect(await handle.query(statusQuery)).toMatchObject({ status: 'paused', shardsDone: 0 });
  expect(secondsToPause).toBeLessThan(120);
  const { generations } = stack.parts.done;
  await gateway.resumeCampaign('mid-shard', { by });
  expect((await resultOf(handle)).status).toBe('completed');
  // 32 first turns, of which 16 were done before; and 16 second turns of the code arm.
  expect(stack.parts.done.generations - generations).toBe(32 - 16 + 16);
  expect((await asked('mid-shard')).map(({ kind }) => kind)).toEqual(['paused', 'resumed']);
});

test('pause in the warm-up and in an evaluation: no further step begins', async () => {
  const held = hold();
  stack.parts.executionGate = held.gate;
  const sft = { demonstrations: 'testbed', problems: 20, batchTokens: 700 } as const;
  const base = stack.configure('paused-start', { seed: 42, iterations: 0 });
  const config = { ...base, model: 'testbed', sft: { ...fullWarmUp(base), ...sft } };
  const handle = await stack.start(config);
  while (held.waiting() === 0) await sleep(20);
  await gateway.pauseCampaign('paused-start', { by });
  await until(handle, ({ status, stage }) => status === 'paused' && stage === 'warm-up');
  const { trainings } = stack.parts.done;
  stack.parts.executionGate = () => Promise.resolve();
  held.open();
  await sleep(1500);
  expect(stack.parts.done.trainings).toBe(trainings);

  const sampling = hold();
  stack.parts.gate = sampling.gate;
  await gateway.resumeCampaign('paused-start', { by });
  while (sampling.waiting() === 0) await sleep(20);
  await gateway.pauseCampaign('paused-start', { by });
  await until(handle, ({ status, stage }) => status === 'paused' && stage === 'evaluate');
  // The signal goes from the campaign to its evaluation and on to the shards.
  await sleep(1000);
  const { executions } = stack.parts.done;
  stack.parts.gate = () => Promise.resolve();
  sampling.open();
  await sleep(1500);
  expect(stack.parts.done.executions).toBe(executions);
  await gateway.resumeCampaign('paused-start', { by });
  expect((await resultOf(handle)).status).toBe('completed');
});

function fullWarmUp({ train }: ReturnType<SimulatedStack['configure']>) {
  return { epochs: 1, optimizer: train.optimizer, skewUpdates: 120, seed: 0 };
}

test('a request that is made again is done once, also across continue-as-new and after the campaign has ended', async () => {
  const config = stack.configure('once', { seed: 43, iterations: 2, evaluations: [] });
  const held = hold();
  stack.parts.gate = held.gate;
  const handle = await stack.start(config, { iterationsPerRun: 1 });
  while (held.waiting() === 0) await sleep(20);
  const request = { by, id: 'extend-1', iterations: 1 };
  expect(await gateway.extendCampaign('once', request, goOn('once'))).toBe(3);
  expect(await gateway.extendCampaign('once', request, goOn('once'))).toBe(3);
  held.open();
  stack.parts.gate = () => Promise.resolve();
  const firstRun = handle.firstExecutionRunId;
  await until(handle, ({ iterationsDone }) => iterationsDone >= 1);
  const result = (await stack.client.workflow.getHandle(handle.workflowId).result()) as CampaignResult;
  expect(result).toMatchObject({ status: 'completed', state: { iterationsDone: 3 } });
  expect((await stack.client.workflow.getHandle(handle.workflowId).describe()).runId).not.toBe(firstRun);

  // Ended: the same request changes nothing, a new one goes on.
  expect(await gateway.extendCampaign('once', request, goOn('once'))).toBe(3);
  const again = { by, id: 'extend-2', iterations: 1 };
  expect(await gateway.extendCampaign('once', again, goOn('once'))).toBe(4);
  const extended = (await stack.client.workflow.getHandle(handle.workflowId).result()) as CampaignResult;
  expect(extended).toMatchObject({ status: 'completed', state: { iterationsDone: 4 } });
  expect(await gateway.extendCampaign('once', again, goOn('once'))).toBe(4);
  const done = await asked('once');
  expect(done.map(({ kind, by: who }) => [kind, who])).toEqual([
    ['extended', by],
    ['extended', by],
  ]);
  for (const { at } of done) expect(Date.parse(at)).toBeGreaterThan(0);
});

test('continue-as-new keeps the pause, the stop after the iteration and what was asked', async () => {
  const held = hold();
  stack.parts.gate = held.gate;
  const config = stack.configure('continued', { seed: 44, iterations: 4, evaluations: [] });
  const handle = await stack.start(config, { iterationsPerRun: 1 });
  while (held.waiting() === 0) await sleep(20);
  await gateway.pauseCampaign('continued', { by, id: 'pause-1' });
  await gateway.resumeCampaign('continued', { by, id: 'resume-1' });
  stack.parts.gate = () => Promise.resolve();
  held.open();
  await until(handle, ({ iterationsDone }) => iterationsDone >= 1);
  // A late second delivery of the first request must not pause the new run.
  await gateway.pauseCampaign('continued', { by, id: 'pause-1' });
  await sleep(300);
  const latest = stack.client.workflow.getHandle(handle.workflowId);
  expect(await latest.query(statusQuery)).toMatchObject({ paused: false });
  await gateway.stopCampaign('continued', 'after-iteration', { by, id: 'stop-1' });
  await gateway.stopCampaign('continued', 'after-iteration', { by, id: 'stop-1' });
  const result = (await latest.result()) as CampaignResult;
  expect(result.status === 'stopped' || result.state?.iterationsDone === 4).toBe(true);
  const kinds = (await asked('continued')).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'paused')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'stop-requested').length).toBeLessThanOrEqual(1);
});

test('the status says how far a training is', async () => {
  const held = hold();
  stack.parts.trainerGate = held.gate;
  const handle = await stack.start(stack.configure('training', { seed: 45, iterations: 1, evaluations: [] }));
  while (held.waiting() === 0) await sleep(20);
  for (;;) {
    const status = await gateway.readStatus('training');
    if (status?.progress !== undefined) {
      expect(status).toMatchObject({ stage: 'train', progress: { done: 1, total: 3, unit: 'updates' } });
      break;
    }
    await sleep(100);
  }
  const work = workDone();
  held.open();
  expect((await resultOf(handle)).status).toBe('completed');
  expect(workDone()).toBe(work);
});

test.each([
  ['an iteration', 'waiting', { iterations: 1, evaluations: [] }],
  ['the evaluation of the start', 'waiting-start', { iterations: 0 }],
])('the status says why %s waits for the sandbox, and no longer once it works', async (_, name, change) => {
  stack.parts.isSandboxDown = true;
  const handle = await stack.start(stack.configure(name, { seed: 46, ...change }));
  const readWaiting = async () => (await gateway.readStatus(name))?.waiting;
  await expect.poll(readWaiting, { timeout: 30_000 }).toBe('the engine is switched off');
  stack.parts.isSandboxDown = false;
  expect((await resultOf(handle)).status).toBe('completed');
  expect(await readWaiting()).toBeUndefined();
});
