/** Evaluations on demand: the API over a real Temporal server, workflows, store and database, over simulated parts. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ask } from '../../../src/api/client.ts';
import { loadBench } from '../../../src/bench/bench-file.ts';
import { nameOf } from '../../../src/bench/bench-table.ts';
import type { EvaluationAsked } from '../../../src/campaigns/evaluation-request.ts';
import { runBench } from '../../../src/cli/bench.ts';
import { renderEvaluation } from '../../../src/cli/render-evaluation.ts';
import type { CampaignConfig } from '../../../src/config/campaign.ts';
import { type Database, openDatabase } from '../../../src/db/database.ts';
import type { EvaluationView } from '../../../src/db/views.ts';
import type { CampaignResult } from '../../../src/protocol/campaign-input.ts';
import { createTemporalGateway } from '../../../src/temporal/gateway.ts';
import { statusQuery } from '../../../workflows/messages.ts';
import type { TestClient } from '../../support/calls.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';
import { type SimulatedStack, startSimulatedStack } from '../../support/simulated-stack.ts';

let home: string;
let db: Database;
let stack: SimulatedStack;
let http: TestHttp;
let client: TestClient;
let suite: string;
const gatewayOf = () => createTemporalGateway(stack.temporal);
let gateway: ReturnType<typeof gatewayOf>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'evaluation-'));
  db = await openDatabase('memory:');
  stack = await startSimulatedStack({ db });
  gateway = gatewayOf();
  http = await openTestHttp({ db, store: stack.store, gateway });
  ({ client } = http);
  suite = join(home, 'sums.jsonl');
  const sums = Array.from({ length: 12 }, (_, at) => ({
    id: `s${at}`,
    problem: `${at + 500}+7`,
    answer: `${at + 507}`,
  }));
  await writeFile(suite, sums.map((sum) => JSON.stringify(sum)).join('\n'));
  const base = { ...stack.configure('base'), seed: 70, iterations: 1, evaluations: [] };
  await (await stack.start(base)).result();
});
afterAll(async () => {
  await http.close();
  await gateway.close();
  await stack.stop();
  await db.close();
  await rm(home, { recursive: true, force: true });
});
beforeEach(() => {
  stack.parts.gate = () => Promise.resolve();
});

/** Lets so many calls of the sampler through, then none; the returned function opens it. */
function holdSampler(calls: number): () => void {
  let left = calls;
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  stack.parts.gate = () => {
    left -= 1;
    return left >= 0 ? Promise.resolve() : gate;
  };
  return open;
}

async function ended(id: string): Promise<EvaluationView> {
  for (;;) {
    const found = await client.showEvaluation(id);
    if (found.status !== 'running') return found;
    await sleep(50);
  }
}

const settings = (config: CampaignConfig): CampaignConfig => ({ ...config, seed: 77, iterations: 1, evaluations: [] });

/** A campaign that has been held in the middle of its first iteration. */
async function startHeld(name: string) {
  const open = holdSampler(1);
  const handle = await stack.start(settings(stack.configure(name)));
  for (;;) {
    const { stage, shards } = await handle.query(statusQuery);
    if (stage === 'sample' && shards > 0) return { handle, open };
    await sleep(50);
  }
}

test('runs concurrently with an iteration, once however often it is requested, and changes nothing of it', async () => {
  const { handle, open } = await startHeld('beside');
  const body: EvaluationAsked = { checkpoint: 'base/0', suite, samples: 4, seed: 5 };
  const asked = await Promise.all([1, 2, 3].map(() => client.startEvaluation(body)));
  const [{ id } = { id: '' }] = asked;
  expect(new Set(asked.map((answer) => answer.id)).size).toBe(1);
  expect((await client.startEvaluation({ ...body, seed: 6 })).id).not.toBe(id);
  open();
  const measured = await ended(id);
  expect(measured).toMatchObject({ status: 'completed', suite: 'sums' });
  const result = (await handle.result()) as CampaignResult;
  expect(result.status).toBe('completed');

  const before = { ...stack.parts.done };
  expect(await client.startEvaluation(body)).toEqual({ id });
  expect(await ended(id)).toEqual(measured);
  expect(stack.parts.done).toEqual(before);

  // The same campaign where nothing was evaluated, in a store of its own.
  const alone = await startSimulatedStack();
  try {
    const undisturbed = (await (await alone.start(settings(alone.configure('alone')))).result()) as CampaignResult;
    expect(undisturbed.state?.head).toBe(result.state?.head);
    const rollouts = async (on: SimulatedStack) => {
      const digests: string[] = [];
      for await (const { step, outputs } of on.store.listManifests())
        if (step.stage === 'sample' && step.seed.startsWith('77/')) digests.push(outputs.tokens?.digest ?? 'none');
      return digests.sort();
    };
    expect(await rollouts(alone)).toEqual(await rollouts(stack));
  } finally {
    await alone.stop();
  }
});

test('measures avg@k, maj@k and pass@k of auto and both forced arms', async () => {
  const { id } = await client.startEvaluation({ checkpoint: 'base/1', suite, samples: 4, seed: 8 });
  const { metrics } = await ended(id);
  for (const arm of ['auto', 'cot', 'code'] as const)
    expect(metrics?.repeated?.[arm]).toMatchObject({ k: 4, avg: { n: 12 }, maj: { n: 12 }, pass: { 4: { n: 12 } } });
  // Code is always right here, what is done in the head for about half of the samples.
  expect(metrics?.repeated?.code).toMatchObject({ avg: { value: 1 }, maj: { value: 1 }, pass: { 1: { value: 1 } } });
  const cot = metrics?.repeated?.cot;
  expect(cot?.avg.value).toBeGreaterThan(0.2);
  expect(cot?.pass[4]?.value).toBeGreaterThan(cot?.avg.value ?? 1);
  const text = renderEvaluation(await client.showEvaluation(id));
  expect(text).toMatch(/code \(forced\) +12 +48 +1\.00 \[/);
  expect(text).toMatch(/avg@4 +maj@4 +pass@2 +pass@4 +truncated +violation +infrastructure +undecided/);
});

test('are compared over the problems of both, and unpaired where the problems differ', async () => {
  const of = async (asked: Partial<EvaluationAsked>) => {
    const { id } = await client.startEvaluation({ checkpoint: 'base/0', suite, samples: 2, seed: 12, ...asked });
    await ended(id);
    return id;
  };
  const [left, right, few] = [await of({}), await of({ seed: 13 }), await of({ limit: 5 })];
  const paired = await client.compareEvaluations(left, right);
  expect(paired.pairing).toEqual({ kind: 'paired', problems: 12 });
  const code = paired.figures.find(({ figure }) => figure === 'code avg@2');
  expect(code).toMatchObject({
    left: { value: 1, n: 12 },
    difference: { value: 0, leftAbove: 0, rightAbove: 0, p: 1 },
  });
  expect((await client.compareEvaluations(few, left)).pairing).toEqual({ kind: 'paired', problems: 5 });
  const other = join(home, 'others.jsonl');
  await writeFile(other, JSON.stringify({ id: 's0', problem: '1+1', answer: '2' }));
  const apart = await client.compareEvaluations(left, await of({ suite: other }));
  expect(apart.pairing).toMatchObject({ kind: 'unpaired', reason: 'they measured different problems' });
  expect(apart.figures.find(({ figure }) => figure === 'code avg@2')?.difference).not.toHaveProperty('p');
  await expect(client.compareEvaluations(left, 'eval/none')).rejects.toMatchObject({ code: 'not-found' });
});

test('a bench measures every model in every way of asking, and compares votes and costs with a reference', async () => {
  const file = join(home, 'bench.yaml');
  await writeFile(join(home, 'shots.jsonl'), JSON.stringify({ problem: '1+1', solution: '<|cot|>\\boxed{2}' }));
  await writeFile(
    file,
    `models: { start: base/0, trained: base/1 }
prompts: { own: {}, shots: { exemplars: { file: shots.jsonl, count: 1 }, arms: [cot] } }
suites: [./sums.jsonl]
arms: [cot, code]
samples: 4
votes: [4]
seed: 14
reference: { model: start, arm: code }
`,
  );
  const bench = await loadBench(file);
  const { entries } = await runBench(client.api, bench);
  expect(entries.map(nameOf)).toEqual([
    'start cot',
    'start cot maj@4',
    'start code',
    'start code maj@4',
    'start shots cot',
    'start shots cot maj@4',
    ...['trained cot', 'trained cot maj@4', 'trained code', 'trained code maj@4'],
    ...['trained shots cot', 'trained shots cot maj@4'],
  ]);
  const of = (name: string) => entries.find((entry) => nameOf(entry) === name);
  expect(of('start code')).toMatchObject({ accuracy: { value: 1, n: 12 }, executions: 1 });
  expect(of('start code')?.difference).toBeUndefined();
  expect(of('start code maj@4')).toMatchObject({ executions: 4, difference: { value: 0, n: 12 } });
  expect(of('start code maj@4')?.tokens).toBeCloseTo(4 * (of('start code')?.tokens ?? 0));
  expect(of('start cot')?.difference?.value).toBeLessThan(-0.2);
  expect(of('start shots cot')?.promptTokens).toBeGreaterThan(of('start cot')?.promptTokens ?? Infinity);

  const before = { ...stack.parts.done };
  expect(await runBench(client.api, bench)).toEqual({ entries, reference: bench.reference });
  expect(stack.parts.done).toEqual(before);

  const wrong = bench.cells.map(({ request }, at) =>
    at === 3 ? { ...request, suite: 'gsm9k' } : { ...request, seed: 15 },
  );
  await expect(ask(client.api.evaluations.batch.$post({ json: { evaluations: wrong } }))).rejects.toThrow(/gsm8k/);
  expect(stack.parts.done).toEqual(before);
});

test('takes only the arms, samples and problems that are asked for', async () => {
  const generations = stack.parts.done.generations;
  const body = { checkpoint: 'base/0', suite, samples: 3, limit: 4, arms: ['cot'], seed: 9 } as const;
  const { id } = await client.startEvaluation({ ...body, arms: ['cot'] });
  expect((await ended(id)).metrics?.counts).toMatchObject({ 'rollouts.cot': 12 });
  expect(stack.parts.done.generations - generations).toBe(12);
});

test('a worker that goes in the middle costs no finished shard', async () => {
  const generations = stack.parts.done.generations;
  const open = holdSampler(4);
  const { id } = await client.startEvaluation({ checkpoint: 'base/0', suite, samples: 5, arms: ['cot'], seed: 10 });
  while (stack.parts.done.generations - generations < 40) await sleep(20);
  const restart = await stack.stopWorker('sample');
  open();
  await restart();
  expect(await ended(id)).toMatchObject({ status: 'completed', metrics: { repeated: { cot: { k: 5 } } } });
  expect(stack.parts.done.generations - generations).toBe(60);
});

test('cancelled, it leaves the campaign alone, and asked for again it goes on', async () => {
  const { handle, open } = await startHeld('left-alone');
  const body: EvaluationAsked = { checkpoint: 'base/0', suite, samples: 2, arms: ['cot'], seed: 11 };
  const { id } = await client.startEvaluation(body);
  expect(await client.cancelEvaluation(id)).toEqual({ id });
  expect(await ended(id)).toMatchObject({ status: 'failed', reason: 'cancelled by a person' });
  expect(await handle.query(statusQuery)).toMatchObject({ status: 'running', stage: 'sample' });
  await expect(client.cancelEvaluation(id)).rejects.toMatchObject({ code: 'conflict' });
  open();
  expect(await client.startEvaluation(body)).toEqual({ id });
  for (;;) if ((await client.showEvaluation(id)).status === 'completed') break;
  expect(((await handle.result()) as CampaignResult).status).toBe('completed');
});

test('a campaign goes on without its own evaluation when a person cancels that', async () => {
  const config = { ...stack.configure('does-without'), seed: 78, iterations: 1 };
  holdSampler(0);
  const handle = await stack.start(config);
  let id: string | undefined;
  while (id === undefined) {
    const running = await client.listEvaluations({ campaign: config.name }).catch(() => []);
    id = running.find(({ status }) => status === 'running')?.id;
    await sleep(50);
  }
  // The campaign records it before the evaluation itself has begun.
  while ((await client.cancelEvaluation(id).catch(() => undefined)) === undefined) await sleep(50);
  expect(await ended(id)).toMatchObject({ reason: 'cancelled by a person' });
  stack.parts.gate = () => Promise.resolve();
  expect(((await handle.result()) as CampaignResult).status).toBe('completed');
});

test('refuses what can’t be measured, before any work', async () => {
  const before = stack.facts.length;
  const refused = (body: EvaluationAsked) =>
    client.startEvaluation(body).then(
      () => 'started',
      (error: Error) => error.message,
    );
  expect(await refused({ checkpoint: 'base/7', suite })).toMatch(/has checkpoints of these iterations: 0, 1/);
  expect(await refused({ checkpoint: 'base/0', suite: join(home, 'absent.jsonl') })).toMatch(/can't be read/);
  expect(await refused({ checkpoint: 'base/0', suite: 'math501' })).toMatch(/did you mean math500\?/);
  expect(await refused({ checkpoint: home, suite })).toMatch(/has no config\.json/);
  expect(await refused({ checkpoint: 'base/0', suite, samples: 0 })).toMatch(/samples/);
  expect(stack.facts).toHaveLength(before);
});
