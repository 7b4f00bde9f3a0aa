/**
 * Records one history per workflow type and interesting path, from campaigns on a real server over simulated parts:
 *
 *     npx tsx test/history-replay/record.ts
 *
 * Run it once per released version into a folder of its own; recorded histories are never edited.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { campaignSchema } from '../../src/config/campaign.ts';
import { taskQueueOf } from '../../src/protocol/queues.ts';
import {
  acceptFailuresUpdate,
  extendUpdate,
  pauseSignal,
  resumeSignal,
  retryIterationUpdate,
  statusQuery,
  stopSignal,
} from '../../workflows/messages.ts';
import { type SimulatedStack, startSimulatedStack } from '../support/simulated-stack.ts';

const sftSchema = campaignSchema.shape.sft.unwrap();
const folder = fileURLToPath(new URL(`./histories/v1`, import.meta.url));

const stack = await startSimulatedStack({ isPlain: true });
try {
  await mkdir(folder, { recursive: true });
  await recordCompleted(stack);
  await recordOutage(stack);
  await recordAccepted(stack);
  await recordStopped(stack);
  await recordNoSignal(stack);
} finally {
  await stack.stop();
}

async function recordCompleted({ start, configure, parts, client }: SimulatedStack): Promise<void> {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  parts.gate = () => gate;
  const sft = { demonstrations: 'testbed', problems: 20, batchTokens: 700, skewTo: 0.03 } as const;
  const config = configure('completed', { iterations: 1, model: 'testbed', sft: sftSchema.parse(sft) });
  const campaign = await start(config);
  // Messages during iteration 1, which waits for the sampler after the evaluation of the start.
  setTimeout(open, 0);
  await campaign.signal(pauseSignal, { id: crypto.randomUUID(), by: 'recorder' });
  await campaign.signal(resumeSignal, { id: crypto.randomUUID(), by: 'recorder' });
  await campaign.executeUpdate(extendUpdate, { args: [{ id: crypto.randomUUID(), iterations: 1 }] });
  await campaign.result();
  await save('campaign-completed', 'campaign/completed');
  await save('warmUp-skewed', 'campaign/completed/warm-up/attempt/1');
  await save('iteration-completed', 'campaign/completed/iteration/1/attempt/1');
  await save('shard-two-turns', 'campaign/completed/iteration/1/attempt/1/shard/0');
  const evaluation = stack.facts.find((fact) => fact.kind === 'evaluation');
  if (evaluation?.kind === 'evaluation') await save('evaluation-completed', evaluation.id);
  const replayed = { campaignId: 'completed', iteration: 1, from: 'sample', settings: {}, by: 'recorder' } as const;
  const workflowId = 'replay/completed/1/from/sample';
  const taskQueue = taskQueueOf('control');
  await client.workflow.execute('replay', { workflowId, taskQueue, args: [replayed] });
  await save('replay-identical', workflowId);
}

async function recordOutage({ start, configure, parts }: SimulatedStack): Promise<void> {
  parts.isSandboxDown = true;
  const failures = { infrastructure: 0.02, partTimeoutMinutes: 0.02 };
  const campaign = await start(configure('outage', { iterations: 1, evaluations: [], seed: 2, failures }));
  while ((await campaign.query(statusQuery)).status !== 'blocked') await sleep(100);
  parts.isSandboxDown = false;
  await campaign.executeUpdate(retryIterationUpdate, { args: [{ id: crypto.randomUUID(), by: 'recorder' }] });
  await campaign.result();
  await save('campaign-blocked-retried', 'campaign/outage');
  await save('iteration-failed', 'campaign/outage/iteration/1/attempt/1');
  await save('shard-failed', 'campaign/outage/iteration/1/attempt/1/shard/0');
}

async function recordAccepted({ start, configure, parts }: SimulatedStack): Promise<void> {
  parts.failsAt = ({ id }) => id.endsWith('#code#0');
  const campaign = await start(configure('accepted', { iterations: 1, evaluations: [], seed: 5 }));
  while ((await campaign.query(statusQuery)).status !== 'blocked') await sleep(100);
  await campaign.executeUpdate(retryIterationUpdate, { args: [{ by: 'recorder', id: 'retry' }] });
  while ((await campaign.query(statusQuery)).attempt < 2) await sleep(100);
  while ((await campaign.query(statusQuery)).status !== 'blocked') await sleep(100);
  parts.failsAt = () => false;
  await campaign.executeUpdate(acceptFailuresUpdate, { args: [{ by: 'recorder', id: 'accept' }] });
  await campaign.result();
  await save('campaign-blocked-accepted', 'campaign/accepted');
  await save('shard-retried-failures', 'campaign/accepted/iteration/1/attempt/2/shard/0');
}

async function recordStopped({ start, configure, parts }: SimulatedStack): Promise<void> {
  parts.gate = () => new Promise(() => undefined);
  const campaign = await start(configure('stopped', { iterations: 1, evaluations: [], seed: 3 }));
  while ((await campaign.query(statusQuery)).stage !== 'sample') await sleep(100);
  await campaign.signal(stopSignal, { id: crypto.randomUUID(), when: 'now', by: 'recorder' });
  await campaign.result();
  parts.gate = () => Promise.resolve();
  await save('campaign-stopped', 'campaign/stopped');
  await save('iteration-cancelled', 'campaign/stopped/iteration/1/attempt/1');
}

async function recordNoSignal({ start, configure, parts }: SimulatedStack): Promise<void> {
  parts.headShare = 2;
  await (await start(configure('no-signal', { evaluations: [], seed: 4 }))).result();
  await save('campaign-no-signal', 'campaign/no-signal');
}

async function save(name: string, workflowId: string): Promise<void> {
  const history = await stack.client.workflow.getHandle(workflowId).fetchHistory();
  await writeFile(join(folder, `${name}.json`), withoutPlaces(workflowId, historyToJSON(history)));
}

/** The history with its workflow's id, without the names of this machine. */
function withoutPlaces(workflowId: string, json: string): string {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const history: unknown = JSON.parse(json.replaceAll(root, '/whencode/').replaceAll(`@${hostname()}`, '@worker'));
  return JSON.stringify({ workflowId, history });
}
