/** What any user of the machine can send to Temporal, while a campaign runs: refused by name, and the campaign goes on. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { taskQueueOf } from '../../../src/protocol/queues.ts';
import { createTemporalGateway } from '../../../src/temporal/gateway.ts';
import { extendUpdate, pauseSignal, statusQuery, stopSignal } from '../../../workflows/messages.ts';
import { sendForeignMessages } from '../../support/foreign-messages.ts';
import { type SimulatedStack, startSimulatedStack } from '../../support/simulated-stack.ts';

/** The stage of an update, as the server numbers them. */
const COMPLETED = 3;

let stack: SimulatedStack;
/** Without the key: any other user of the machine. */
let nobody: Client;
let outside: string;

beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'outside-'));
  stack = await startSimulatedStack();
  nobody = new Client({ connection: Connection.lazy({ address: stack.address }), namespace: stack.temporal.namespace });
}, 300_000);
afterAll(async () => {
  await nobody.connection.close();
  await stack.stop();
  await rm(outside, { recursive: true, force: true });
});

/**
 * A campaign that waits in front of its first rollout until the returned function is called. Its seed is its own: with
 * another's, its rollouts would be found in the store.
 */
async function startHeld(name: string, seed: number): Promise<{ handle: WorkflowHandle; release: () => void }> {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const waiting = new Promise<void>((resolve) => {
    stack.parts.gate = () => {
      resolve();
      return held;
    };
  });
  const handle = await stack.start(stack.configure(name, { seed, iterations: 1, evaluations: [] }));
  await waiting;
  return { handle, release };
}

test('signals and updates of a running campaign without the key change nothing, with and without a payload', async () => {
  const { handle, release } = await startHeld('signalled', 1);
  const forged = nobody.workflow.getHandle(handle.workflowId);
  await forged.signal(pauseSignal, { by: 'nobody' });
  await forged.signal(stopSignal, { by: 'nobody', when: 'now' });
  for (const name of ['pause', 'stop', 'progress-made', 'resume']) await forged.signal(name);
  for (const name of ['extend', 'changeSettings', 'retryIteration', 'acceptFailures', 'abortIteration']) {
    for (const values of [[], [{ iterations: 5, settings: {} }]]) {
      const payloads = values.map((value) => defaultPayloadConverter.toPayload(value));
      const { outcome } = await nobody.workflowService.updateWorkflowExecution({
        namespace: stack.temporal.namespace,
        workflowExecution: { workflowId: handle.workflowId },
        waitPolicy: { lifecycleStage: COMPLETED },
        request: { meta: { updateId: `${name}-${values.length}` }, input: { name, args: { payloads } } },
      });
      // The message is encrypted, the type is not.
      expect(outcome?.failure).toMatchObject({
        message: 'Encoded failure',
        applicationFailureInfo: { type: 'foreign-payload' },
      });
    }
  }
  const view = await handle.query(statusQuery);
  expect(view).toMatchObject({ status: 'running', paused: false, iterationsPlanned: 1 });
  // The answer to a query is encrypted.
  expect(await forged.query('status').catch(() => 'unreadable')).toBe('unreadable');
  release();
  expect(await handle.result()).toMatchObject({ status: 'completed' });
});

test('a forged start of every workflow fails at once, by name, and does nothing', async () => {
  const facts = stack.facts.length;
  for (const type of ['campaign', 'evaluation', 'iteration', 'replay', 'rolloutShard', 'warmUp']) {
    for (const args of [[], [{ campaignId: 'forged', config: stack.configure('forged') }]]) {
      const options = { workflowId: `forged-${type}-${args.length}`, taskQueue: taskQueueOf('control'), args };
      await nobody.workflow.execute(type, options).catch(() => undefined);
      const error = await stack.client.workflow.result(options.workflowId).catch((failed: unknown) => failed);
      expect(error).toMatchObject({
        cause: { type: 'foreign-payload', message: expect.stringMatching(/^the input is refused: it (is not|has no)/) },
      });
    }
  }
  expect(stack.facts).toHaveLength(facts);
});

test('a task that somebody else answers blocks the campaign by name; a retry repeats the step', async () => {
  const { handle, release } = await startHeld('stolen', 2);
  const startAgain = await stack.stopWorker('train');
  release();
  const service = nobody.workflowService;
  const { namespace } = stack.temporal;
  const forge = async (result: object): Promise<void> => {
    const task = { namespace, taskQueue: { name: taskQueueOf('train') }, identity: 'nobody' };
    const { taskToken } = await nobody.connection.withDeadline(Date.now() + 60_000, () =>
      service.pollActivityTaskQueue(task),
    );
    if (taskToken.length === 0) throw new Error('no task came');
    await service.respondActivityTaskCompleted({ namespace, taskToken, identity: 'nobody', ...result });
    for (;;) {
      const view = await handle.query(statusQuery);
      if (view.status === 'blocked') {
        expect(view).toMatchObject({ failure: 'foreign-payload' });
        return;
      }
      await sleep(100);
    }
  };
  const gateway = createTemporalGateway(stack.temporal);
  const json = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"checkpoint":"sha256:00"}') };
  await forge({ result: { payloads: [json] } });
  await gateway.answerBlock('stolen', 'retry', { by: 'owner' });
  await forge({});
  await startAgain();
  await gateway.answerBlock('stolen', 'retry', { by: 'owner' });
  expect(await handle.result()).toMatchObject({ status: 'completed' });
  await gateway.close();
}, 300_000);

test('200 messages of any form leave the campaign as it would be without them, and nothing outside', async () => {
  const undisturbed = await startHeld('undisturbed', 3);
  undisturbed.release();
  const expected = (await undisturbed.handle.result()) as { state: { head: string } };
  const other = await startSimulatedStack();
  try {
    const journals = await readdir(other.journals).catch(() => []);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    other.parts.gate = () => held;
    const handle = await other.start(other.configure('undisturbed', { seed: 3, iterations: 1, evaluations: [] }));
    await sleep(500);
    const bait = { outside, url: 'http://127.0.0.1:9/' };
    const { address, namespace } = other.temporal;
    const taken = await sendForeignMessages({ address, namespace, count: 200, seed: 14, bait });
    expect(Object.values(taken).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);
    expect(Object.keys(taken)).toEqual(expect.arrayContaining(['activity', 'workflow', 'signal', 'update']));
    release();
    const result = (await handle.result()) as { state: { head: string } };
    expect(result).toMatchObject({ status: 'completed' });
    expect(result.state.head).toBe(expected.state.head);
    expect(await readdir(other.journals)).toEqual([...journals, 'undisturbed']);
    expect(other.facts.filter((fact) => fact.kind === 'campaign').every(({ id }) => id === 'undisturbed')).toBe(true);
    expect(await readdir(outside)).toEqual([]);
  } finally {
    await other.stop();
  }
}, 300_000);

test('copies of the owner’s messages, sent again to the same workflows, change nothing', async () => {
  const { handle, release } = await startHeld('copied', 5);
  const gateway = createTemporalGateway(stack.temporal);
  await gateway.pauseCampaign('copied', { by: 'owner', id: 'one' });
  await gateway.resumeCampaign('copied', { by: 'owner', id: 'two' });
  await gateway.extendCampaign('copied', { by: 'owner', id: 'three', iterations: 1 }, async () => undefined);
  const open: string[] = [];
  for await (const { workflowId } of nobody.workflow.list({ query: "ExecutionStatus = 'Running'" }))
    open.push(workflowId);
  const service = nobody.workflowService;
  const { namespace } = stack.temporal;
  const sent: string[] = [];
  for (const workflowId of open.filter((id) => id.includes('copied'))) {
    const { events } = await nobody.workflow.getHandle(workflowId).fetchHistory();
    const workflowExecution = { workflowId };
    for (const { workflowExecutionSignaledEventAttributes: signal, ...event } of events ?? []) {
      const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
      const common = { namespace, workflowExecution };
      if (typeof signal?.signalName === 'string' && signal.input) {
        await service.signalWorkflowExecution({ ...common, signalName: signal.signalName, input: signal.input });
        sent.push(`${workflowId.includes('iteration') ? 'child' : 'campaign'} ${signal.signalName}`);
      }
      if (update) {
        const request = { meta: { updateId: 'another' }, input: update };
        await service.updateWorkflowExecution({ ...common, waitPolicy: { lifecycleStage: COMPLETED }, request });
        sent.push(`update ${update.name}`);
      }
    }
    // What was no request is none: the input that the workflow began with, and its children's messages.
    const others = (events ?? []).flatMap((event) => [
      event.workflowExecutionStartedEventAttributes?.input ?? [],
      event.workflowExecutionSignaledEventAttributes?.input ?? [],
    ]);
    for (const input of others.flat()) {
      for (const signalName of ['stop', 'pause'])
        await service.signalWorkflowExecution({ namespace, workflowExecution, signalName, input });
    }
  }
  expect(sent).toEqual(
    expect.arrayContaining(['campaign pause', 'campaign resume', 'child pause', 'child resume', 'update extend']),
  );
  expect(await handle.query(statusQuery)).toMatchObject({ paused: false, iterationsPlanned: 2 });
  release();
  expect(await handle.result()).toMatchObject({ status: 'completed', state: { iterationsDone: 2 } });
  await gateway.close();
}, 300_000);

test('an extension with the key is taken', async () => {
  const { handle, release } = await startHeld('extended', 4);
  expect(await handle.executeUpdate(extendUpdate, { args: [{ id: crypto.randomUUID(), iterations: 1 }] })).toEqual({
    iterationsPlanned: 2,
  });
  release();
  expect(await handle.result()).toMatchObject({ status: 'completed' });
});
