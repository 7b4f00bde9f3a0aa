/** Messages that any user of the machine can send to Temporal: to every queue, workflow, signal, update and query. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import fc from 'fast-check';
import { controlContract, sampleContract, sandboxContract, trainContract } from '../../src/protocol/activities.ts';
import { aliveQueueOf, taskQueueOf } from '../../src/protocol/queues.ts';
import * as workflows from '../../workflows/index.ts';
import * as messages from '../../workflows/messages.ts';

const ACTIVITIES = [controlContract, sampleContract, sandboxContract, trainContract].flatMap(Object.keys);
const QUEUES = [
  taskQueueOf('control'),
  ...(['sample', 'sandbox'] as const).flatMap((role) => [taskQueueOf(role), taskQueueOf(role, 'evaluations')]),
  taskQueueOf('train'),
  ...(['sample', 'sandbox', 'train'] as const).map(aliveQueueOf),
];
const NAMES = Object.values(messages).map(({ name }) => name);

/** A place that nothing of the stack may touch, and a URL that nobody may call. */
export interface Bait {
  readonly outside: string;
  readonly url: string;
}

const DIGEST = `sha256:${'a'.repeat(64)}`;

/** Inputs that would do harm if an activity or workflow took them. */
function harmful({ outside, url }: Bait): readonly unknown[] {
  const at = new Date(0).toISOString();
  const config = { name: 'forged', model: outside, template: 'plain', iterations: 1, problems: [{ from: outside }] };
  const fact = { kind: 'campaign', id: 'forged', status: 'running', at, iterationsPlanned: 3 };
  const body = { campaign: 'forged', status: 'blocked', reason: 'forged', at };
  return [
    { facts: [fact] },
    ...['no-time', `../../../../..${outside}/at`, '', '9'.repeat(300)].map((time) => ({
      facts: [{ ...fact, at: time }],
    })),
    { facts: [{ ...fact, id: '../../forged' }] },
    { campaignId: 'forged', at: `../../../../..${outside}/note`, kind: 'paused', details: {} },
    { campaignId: 'forged', config },
    { config: DIGEST, settings: { 'failures.webhook': url } },
    { url, body },
    { campaignId: 'forged', keepLast: 1 },
    { workflowId: 'campaign/forged' },
    { checkpoint: DIGEST, plan: DIGEST, turn: 0, patienceMs: 1 },
    { config: DIGEST, base: DIGEST, demonstrations: DIGEST, executions: [], patienceMs: 1, paused: false },
    { by: 'nobody', when: 'now' },
    { by: 'nobody', iterations: 1000 },
    { by: 'nobody', settings: { 'failures.webhook': url } },
    { iteration: 1, attempt: 1, stage: 'train', shardsDone: 9, shards: 9, rollouts: 9 },
  ];
}

/** Payloads of any form: the harmful ones as JSON, damaged JSON, bytes that claim to be encrypted, and anything else. */
function arbitraryPayload(bait: Bait, copies: readonly Payload[]): fc.Arbitrary<Payload> {
  const text = (value: string): Buffer => Buffer.from(value);
  const encodings = [
    'json/plain',
    'binary/plain',
    'binary/null',
    'json/protobuf',
    'binary/whencode-encrypted',
    'x',
    '',
  ];
  const data = fc.oneof(
    fc.constantFrom(...harmful(bait)).map((value) => text(JSON.stringify(value))),
    fc.jsonValue({ maxDepth: 6 }).map((value) => text(JSON.stringify(value) ?? '')),
    fc.constantFrom('{', '"', 'null', '[[[[', '['.repeat(20_000), `"${'x'.repeat(100_000)}"`).map(text),
    fc.uint8Array({ maxLength: 200 }),
  );
  const metadata = fc.oneof(
    fc.constantFrom(...encodings).map((encoding) => ({ encoding: text(encoding) })),
    fc.dictionary(fc.string({ maxLength: 8 }), fc.uint8Array({ maxLength: 16 }), { maxKeys: 4 }),
  );
  const made = fc.record({ metadata, data });
  const harmfulJson = fc
    .constantFrom(...harmful(bait))
    .map((value) => ({ metadata: { encoding: text('json/plain') }, data: text(JSON.stringify(value)) }));
  return copies.length === 0 ? fc.oneof(harmfulJson, made) : fc.oneof(harmfulJson, made, fc.constantFrom(...copies));
}

const KINDS = ['activity', 'workflow', 'signal', 'signal-with-start', 'update', 'query'] as const;

function arbitraryMessage(bait: Bait, copies: readonly Payload[]) {
  const name = (known: readonly string[]) =>
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...known) },
      { weight: 1, arbitrary: fc.string({ minLength: 1 }) },
    );
  return fc.record({
    kind: fc.constantFrom(...KINDS),
    queue: fc.constantFrom(...QUEUES),
    activity: name(ACTIVITIES),
    workflow: name(Object.keys(workflows)),
    message: name(NAMES),
    target: fc.nat(),
    payloads: fc.array(arbitraryPayload(bait, copies), { maxLength: 3 }),
  });
}

type Message = ReturnType<typeof arbitraryMessage> extends fc.Arbitrary<infer Value> ? Value : never;

export interface FloodOptions {
  readonly address: string;
  readonly namespace: string;
  readonly count: number;
  readonly seed: number;
  readonly bait: Bait;
  /** Ends the flood early. */
  readonly signal?: AbortSignal;
}

const IN_FLIGHT = 8;
const seconds = (value: number) => ({ seconds: value as never });

/** Sends the messages without a key; resolves with how many the server took, by kind. It refuses some itself. */
export async function sendForeignMessages(options: FloodOptions): Promise<Record<string, number>> {
  const { address, namespace, count, seed, bait, signal } = options;
  const connection = Connection.lazy({ address });
  const client = new Client({ connection, namespace });
  const taken: Record<string, number> = {};
  const run = randomUUID();
  try {
    const open = await openWorkflows(client);
    const copies = await payloadsOf(client, open);
    const waiting = fc.sample(arbitraryMessage(bait, copies), { seed, numRuns: count }).entries();
    const sendAll = async (): Promise<void> => {
      for (const [index, message] of waiting) {
        if (signal?.aborted === true) return;
        try {
          await connection.withDeadline(Date.now() + 5000, () => send(client, open, `${run}-${index}`, message));
          taken[message.kind] = (taken[message.kind] ?? 0) + 1;
        } catch {
          // The server refused it, or nobody answered: an update or query of a workflow that has ended.
        }
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, sendAll));
    return taken;
  } finally {
    await connection.close();
  }
}

/** Workflows of the stack, so that messages reach running campaigns, iterations and shards. */
async function openWorkflows({ workflowService, options: { namespace } }: Client): Promise<string[]> {
  // Not by the SDK's own list, which throws at the memo of a message that was sent before.
  const { executions } = await workflowService.listWorkflowExecutions({
    namespace,
    pageSize: 1000,
    query: "ExecutionStatus = 'Running'",
  });
  return executions.flatMap(({ execution }) => execution?.workflowId ?? []);
}

/** Encrypted payloads of the stack, copied from histories: another user can read and send the ciphertext. */
async function payloadsOf(client: Client, workflowIds: readonly string[]): Promise<Payload[]> {
  const copies: Payload[] = [];
  for (const id of workflowIds.slice(0, 20)) {
    const { events } = await client.workflow.getHandle(id).fetchHistory();
    const found = (events ?? []).flatMap(({ workflowExecutionStartedEventAttributes: started, ...event }) => [
      ...(started?.input?.payloads ?? []),
      ...(event.activityTaskScheduledEventAttributes?.input?.payloads ?? []),
    ]);
    copies.push(...found);
  }
  return copies;
}

async function send(client: Client, open: readonly string[], id: string, message: Message): Promise<void> {
  const { workflowService: service, options } = client;
  const { namespace } = options;
  const { kind } = message;
  const target = open.length === 0 ? `none-${id}` : (open[message.target % open.length] ?? '');
  const { payloads } = message;
  const input = { payloads };
  const common = { namespace, identity: 'nobody', requestId: id };
  const start = {
    ...common,
    workflowId: `forged-${id}`,
    workflowType: { name: message.workflow },
    taskQueue: { name: message.queue },
    input,
    workflowExecutionTimeout: seconds(60),
    memo: { fields: payloads[0] === undefined ? {} : { note: payloads[0] } },
    header: { fields: payloads[1] === undefined ? {} : { note: payloads[1] } },
  };
  const workflowExecution = { workflowId: target };
  switch (kind) {
    case 'activity':
      await service.startActivityExecution({
        ...common,
        activityId: `forged-${id}`,
        activityType: { name: message.activity },
        taskQueue: { name: message.queue },
        input,
        startToCloseTimeout: seconds(30),
        scheduleToCloseTimeout: seconds(60),
        retryPolicy: { maximumAttempts: 3 },
      });
      return;
    case 'workflow':
      await service.startWorkflowExecution(start);
      return;
    case 'signal':
      await service.signalWorkflowExecution({ ...common, workflowExecution, signalName: message.message, input });
      return;
    case 'signal-with-start':
      await service.signalWithStartWorkflowExecution({ ...start, signalName: message.message, signalInput: input });
      return;
    case 'update': {
      const request = { meta: { updateId: id }, input: { name: message.message, args: input } };
      await service.updateWorkflowExecution({ namespace, workflowExecution, request });
      return;
    }
    case 'query': {
      const query = { queryType: message.message, queryArgs: input };
      await service.queryWorkflow({ namespace, execution: workflowExecution, query });
      return;
    }
  }
}
