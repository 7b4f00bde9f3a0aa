/** What sandbox and grader lose is no failure of the model: it is counted, has a budget, and enters nothing. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Digest } from '../../../src/artifacts/types.ts';
import type { CampaignConfig } from '../../../src/config/campaign.ts';
import { reward } from '../../../src/methods/scored-rollout.ts';
import type { CampaignResult } from '../../../src/protocol/campaign-input.ts';
import type { CampaignView } from '../../../src/protocol/campaign-messages.ts';
import { curateStep } from '../../../src/steps/curate.ts';
import { readScored } from '../../../src/steps/score.ts';
import {
  abortIterationUpdate,
  acceptFailuresUpdate,
  retryIterationUpdate,
  statusQuery,
} from '../../../workflows/messages.ts';
import { readEventsOf } from '../../support/journal.ts';
import { createSimulatedParts } from '../../support/simulated-parts.ts';
import { type SimulatedStack, startSimulatedStack } from '../../support/simulated-stack.ts';

/** Long before it, and not after seconds: the machine may be busy. */
const DEFAULT_PART_TIMEOUT_MS = 30 * 60_000;

let stack: SimulatedStack;
beforeAll(async () => {
  stack = await startSimulatedStack();
});
afterAll(() => stack.stop());
afterEach(() => {
  const { headAnswer, failsAt, graderThrowsAt, gate, executionGate, trainerGate, updates } = createSimulatedParts();
  Object.assign(stack.parts, {
    headAnswer,
    failsAt,
    graderThrowsAt,
    gate,
    executionGate,
    trainerGate,
    updates,
    isSandboxDown: false,
  });
});

/** One iteration of 4 problems: 16 rollouts an arm. */
function configure(name: string, seed: number, failures: Partial<CampaignConfig['failures']> = {}): CampaignConfig {
  const patience = { infrastructure: 0, partTimeoutMinutes: 0.03 };
  return stack.configure(name, { seed, iterations: 1, evaluations: [], failures: { ...patience, ...failures } });
}

const resultOf = (handle: WorkflowHandle): Promise<CampaignResult> => handle.result();

async function untilBlocked(handle: WorkflowHandle): Promise<CampaignView> {
  for (;;) {
    const view = await handle.query(statusQuery);
    if (view.status === 'blocked') return view;
    if ((await handle.describe()).status.name !== 'RUNNING') throw new Error(`it ended: ${JSON.stringify(view)}`);
    await sleep(50);
  }
}

/** The sandbox fails for good at the first sample of each problem: 4 of the 16 rollouts of the code arm. */
const failsAtFirstSample = ({ id }: { readonly id: string }): boolean => id.endsWith('#code#0');

function keyOf(campaignId: string, stage: 'score' | 'curate'): Digest {
  const key = stack.facts.findLast(
    (fact) =>
      fact.kind === 'stage' && fact.campaignId === campaignId && fact.stage === stage && fact.manifest !== undefined,
  );
  if (key?.kind !== 'stage' || key.manifest === undefined) throw new Error(`${campaignId} has no ${stage}`);
  return key.manifest;
}

async function curationOf(campaignId: string) {
  const { summaries } = await readScored(stack.store, keyOf(campaignId, 'score'));
  const { outputs } = await curateStep.read(stack.store, keyOf(campaignId, 'curate'));
  return { summaries, queries: await outputs.curation.read() };
}

const shardCounts = (campaignId: string) =>
  stack.facts
    .flatMap((fact) => (fact.kind === 'shard' && fact.campaignId === campaignId ? [fact.counts] : []))
    .reduce<Record<string, number>>((sum, counts) => {
      for (const [name, value] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + value;
      return sum;
    }, {});

test('within the budget an iteration goes on, and nothing lost enters an estimate or the loss', async () => {
  stack.parts.failsAt = failsAtFirstSample;
  const handle = await stack.start(configure('within', 21, { infrastructure: 0.25 }));
  expect(await resultOf(handle)).toMatchObject({ status: 'completed' });
  expect(shardCounts('within')).toMatchObject({
    'infrastructure.code': 4,
    'failed.code.sandbox': 4,
    'completed.code': 12,
  });

  const { summaries, queries } = await curationOf('within');
  const lost = summaries.filter(({ state }) => state === 'infrastructure');
  expect(lost.map(({ arm, sample, grade }) => ({ arm, sample, grade }))).toEqual(
    Array.from({ length: 4 }, () => ({ arm: 'code', sample: 0, grade: undefined })),
  );
  expect(lost.map(reward)).toEqual([undefined, undefined, undefined, undefined]);
  // In code this model is always right: counted as wrong, the four would bring Q̂ down to 3/4.
  for (const { estimates } of queries) expect(estimates?.[1]).toBe(1);
  const kept = new Set(queries.flatMap((query) => query.kept.map(({ rolloutId }) => rolloutId)));
  expect(lost.filter(({ id }) => kept.has(id))).toEqual([]);
});

test('over the budget it is blocked and says what is missing; a retry runs that alone, and nothing of it is left', async () => {
  const oneByOne = (name: string): CampaignConfig => {
    const config = configure(name, 22, { infrastructure: 0.15 });
    return { ...config, sampling: { ...config.sampling, shardsInFlight: 1 } };
  };
  stack.parts.failsAt = failsAtFirstSample;
  const handle = await stack.start(oneByOne('over'));
  const { reason, failure } = await untilBlocked(handle);
  expect(failure).toBe('over-budget');
  expect(reason).toBe(
    'iteration 1 failed (over-budget): code arm: 4 of 16 rollouts lost (sandbox 4), 2 allowed; the container was lost',
  );

  // Still broken: the same four are lost again.
  await handle.executeUpdate(retryIterationUpdate, { args: [{ id: crypto.randomUUID(), by: 'ada@lovelace' }] });
  await untilBlocked(handle);
  const runs: string[] = [];
  stack.parts.failsAt = ({ id }) => {
    runs.push(id);
    return false;
  };
  const { generations } = stack.parts.done;
  await handle.executeUpdate(retryIterationUpdate, { args: [{ id: crypto.randomUUID(), by: 'ada@lovelace' }] });
  const repaired = await resultOf(handle);
  expect(repaired).toMatchObject({ status: 'completed' });
  expect(runs).toHaveLength(4);
  expect(runs.every((id) => failsAtFirstSample({ id }))).toBe(true);
  expect(stack.parts.done.generations - generations).toBe(4);

  // Without any failure the checkpoint is the same, byte for byte.
  stack.parts.failsAt = () => false;
  const undisturbed = await resultOf(await stack.start(oneByOne('undisturbed')));
  expect(repaired.state?.head).toBe(undisturbed.state?.head);
});

test('accept goes on without the lost rollouts, and the journal says who accepted how many', async () => {
  stack.parts.failsAt = failsAtFirstSample;
  const handle = await stack.start(configure('accepted', 24));
  await untilBlocked(handle);
  const accept = () =>
    handle.executeUpdate(acceptFailuresUpdate, { args: [{ by: 'ada@lovelace', id: 'once' }], updateId: 'once' });
  await Promise.all([accept(), accept()]);
  expect(await resultOf(handle)).toMatchObject({ status: 'completed' });
  const journal = await readEventsOf(stack.store, 'accepted', 'failures-accepted');
  expect(journal).toHaveLength(1);
  expect(journal[0]?.details).toMatchObject({
    by: 'ada@lovelace',
    what: 'iteration 1',
    lost: { 'failed.code.sandbox': expect.any(Number) },
  });
  const { summaries } = await curationOf('accepted');
  expect(summaries.filter(({ state }) => state === 'infrastructure')).toHaveLength(4);
});

test('abort ends it, and what did not fail by infrastructure can not be accepted', async () => {
  stack.parts.updates = 0;
  const handle = await stack.start(configure('no-updates', 25));
  const { reason } = await untilBlocked(handle);
  expect(reason).toMatch(/trainer-failed.*0 updates/);
  await expect(
    handle.executeUpdate(acceptFailuresUpdate, { args: [{ id: crypto.randomUUID() }] }),
  ).rejects.toMatchObject({
    cause: { message: expect.stringMatching(/iteration 1 failed as trainer-failed.*allowed are retry and abort/) },
  });
  await handle.executeUpdate(abortIterationUpdate, { args: [{ id: crypto.randomUUID(), by: 'ada@lovelace' }] });
  expect((await resultOf(handle)).status).toBe('failed');
});

test('a grader that throws leaves its rollouts undecided, and a retry grades only those again', async () => {
  const seen: string[] = [];
  stack.parts.graderThrowsAt = (response) => {
    seen.push(response);
    return seen.length <= 3;
  };
  const handle = await stack.start(configure('grader', 26));
  const { reason } = await untilBlocked(handle);
  expect(reason).toMatch(
    /over-budget\): (cot|code) arm: \d of 16 rollouts lost \(grader \d\), 0 allowed.*the grader threw: the grader lost its way/,
  );
  await handle.executeUpdate(retryIterationUpdate, { args: [{ id: crypto.randomUUID() }] });
  expect(await resultOf(handle)).toMatchObject({ status: 'completed' });
  // 32 rollouts, and the three again.
  expect(seen).toHaveLength(32 + 3);
  const { summaries } = await curationOf('grader');
  expect(summaries.filter(({ grade }) => grade === 'undecided')).toEqual([]);
});

test('SymPy that the sandbox fails to run is a loss with a budget, and a retry asks it for those alone', async () => {
  // An integral is SymPy's to decide.
  stack.parts.headAnswer = (value) => `\\int_0^1 ${value} \\, dx`;
  const asked: string[] = [];
  let isLosing = true;
  stack.parts.failsAt = ({ id, code }) => {
    if (!code.includes('def settle():')) return false;
    asked.push(id);
    return isLosing && id.endsWith('#0');
  };
  const config = configure('sympy', 31);
  const handle = await stack.start({ ...config, sampling: { ...config.sampling, problemsPerShard: 4 } });
  const { reason } = await untilBlocked(handle);
  expect(reason).toMatch(
    /over-budget\): cot arm: 4 of 16 rollouts lost \(sympy 4\), 0 allowed.*the container was lost/,
  );
  isLosing = false;
  asked.length = 0;
  await handle.executeUpdate(retryIterationUpdate, { args: [{ id: crypto.randomUUID() }] });
  expect(await resultOf(handle)).toMatchObject({ status: 'completed' });
  expect(asked.map((id) => id.replace(/.*#cot/, '#cot'))).toEqual(['#cot#0', '#cot#0', '#cot#0', '#cot#0']);
  const { summaries } = await curationOf('sympy');
  expect(summaries.filter(({ grade }) => grade === 'undecided')).toEqual([]);
});

test('a sandbox that is away for less than its time delays the iteration and costs nothing', async () => {
  stack.parts.isSandboxDown = true;
  const handle = await stack.start(configure('short-outage', 27, { partTimeoutMinutes: 10 }));
  await sleep(3000);
  stack.parts.isSandboxDown = false;
  expect(await resultOf(handle)).toMatchObject({ status: 'completed' });
  expect(shardCounts('short-outage')).toMatchObject({ 'completed.code': 16 });
});

test('a part without a worker blocks within its time and is named; started again, a retry goes on', async () => {
  const startAgain = await stack.stopWorker('sandbox');
  const startedAt = Date.now();
  const handle = await stack.start(configure('no-worker', 28, { partTimeoutMinutes: 0.05 }));
  const { reason } = await untilBlocked(handle);
  expect(reason).toMatch(/\(no-worker\): executeTurn: no worker took it in 0.05 min; is the sandbox worker running\?/);
  expect(Date.now() - startedAt).toBeLessThan(DEFAULT_PART_TIMEOUT_MS / 4);
  await startAgain();
  await handle.executeUpdate(retryIterationUpdate, { args: [{ id: crypto.randomUUID() }] });
  expect(await resultOf(handle)).toMatchObject({ status: 'completed' });
});

test('a queue that is long is waited for, however short the time of an absent part', async () => {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  stack.parts.gate = () => gate;
  const config = configure('slow', 29, { partTimeoutMinutes: 0.03 });
  // The worker takes eight turns at a time; ten are there.
  const campaigns = await Promise.all(
    Array.from({ length: 5 }, (_, index) => stack.start({ ...config, name: `slow-${index}`, seed: 100 + index })),
  );
  await sleep(4000);
  open();
  const results = await Promise.all(campaigns.map(resultOf));
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['completed']));
});

test('a part that hangs blocks after its time, though its worker is alive', async () => {
  stack.parts.executionGate = () => new Promise(() => undefined);
  const startedAt = Date.now();
  const handle = await stack.start(configure('hangs', 30));
  const { reason } = await untilBlocked(handle);
  expect(reason).toMatch(/\(part-away\): nothing came of it for 0.030 min, so its part hangs; restart that worker/);
  expect(Date.now() - startedAt).toBeLessThan(DEFAULT_PART_TIMEOUT_MS / 4);
  stack.parts.executionGate = () => Promise.resolve();
  await handle.executeUpdate(retryIterationUpdate, { args: [{ id: crypto.randomUUID() }] });
  expect(await resultOf(handle)).toMatchObject({ status: 'completed' });
});

test('the webhook gets the news that the campaign is blocked, also after a first refusal', async () => {
  const received: unknown[] = [];
  let calls = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      calls += 1;
      if (calls > 1) received.push(JSON.parse(body));
      response.writeHead(calls > 1 ? 204 : 503).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    stack.parts.updates = 0;
    const handle = await stack.start(configure('webhook', 31, { webhook }));
    const { reason } = await untilBlocked(handle);
    while (received.length === 0) await sleep(50);
    expect(received).toEqual([{ campaign: 'webhook', status: 'blocked', reason, at: expect.any(String) }]);
    await handle.executeUpdate(abortIterationUpdate, { args: [{ id: crypto.randomUUID() }] });
    await resultOf(handle);
  } finally {
    server.close();
  }
});
