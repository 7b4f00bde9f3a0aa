/** Replays over simulated parts: everything else is real, Temporal and the store among it. */

import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hexOf } from '../../../src/artifacts/digest.ts';
import type { Digest } from '../../../src/artifacts/types.ts';
import { taskQueueOf } from '../../../src/protocol/queues.ts';
import type { ReplayInput } from '../../../src/protocol/replay-messages.ts';
import type { ReplayReport, StoredIteration } from '../../../src/protocol/replay-report.ts';
import type { ReplayStage } from '../../../src/protocol/stages.ts';
import { findIteration } from '../../../src/replay/find-iteration.ts';
import { readEventsOf } from '../../support/journal.ts';
import { type SimulatedStack, startSimulatedStack } from '../../support/simulated-stack.ts';

let stack: SimulatedStack;
let stored: StoredIteration;

beforeAll(async () => {
  stack = await startSimulatedStack();
  const config = stack.configure('base', { iterations: 2, evaluations: [] });
  const result = await (await stack.start(config)).result();
  expect(result).toMatchObject({ status: 'completed' });
  stored = await findIteration(stack.store, 'base', 2);
});
afterAll(() => stack.stop());

let asked = 0;

async function replay(from: ReplayStage, change: Partial<ReplayInput> = {}): Promise<ReplayReport> {
  asked += 1;
  const input: ReplayInput = { campaignId: 'base', iteration: 2, from, settings: {}, by: 'a test', ...change };
  return stack.client.workflow.execute('replay', {
    workflowId: `replay/base/2/from/${from}/${asked}`,
    taskQueue: taskQueueOf('control'),
    args: [input],
  });
}

/** Changes one byte of a stored blob where `place` says, for as long as the work takes. */
async function withDamage<T>(digest: Digest, place: (bytes: Buffer) => number, work: () => Promise<T>): Promise<T> {
  const hex = hexOf(digest);
  const path = join(stack.journals, '..', 'blobs', hex.slice(0, 2), hex);
  const whole = await readFile(path);
  const damaged = Buffer.from(whole);
  const at = place(damaged);
  expect(at).toBeGreaterThan(0);
  damaged[at] = (damaged[at] ?? 0) ^ 1;
  await chmod(path, 0o644);
  await writeFile(path, damaged);
  try {
    return await work();
  } finally {
    await writeFile(path, whole);
    await chmod(path, 0o444);
  }
}

async function lastTurn(shard: number) {
  const key = stored.shards[shard]?.turns.at(-1);
  const manifest = key === undefined ? undefined : await stack.store.readManifest(key);
  if (manifest === undefined) throw new Error(`shard ${shard} has a last turn`);
  return manifest;
}

const digestOf = (manifest: { outputs: Readonly<Record<string, { digest: Digest }>> }, name: string): Digest => {
  const digest = manifest.outputs[name]?.digest;
  if (digest === undefined) throw new Error(`the step has the output ${name}`);
  return digest;
};

test('every step of a finished iteration is found in the store, and identical when it is done again', async () => {
  const before = { ...stack.parts.done };
  const report = await replay('sample');
  expect(report).toEqual({
    campaignId: 'base',
    iteration: 2,
    from: 'sample',
    verdict: 'identical',
    stages: [
      { stage: 'sample', counts: { identical: 4 } },
      { stage: 'execute', counts: { identical: 2 } },
      { stage: 'score', counts: { identical: 3 } },
      { stage: 'curate', counts: { identical: 1 } },
      { stage: 'train', counts: { identical: 1 } },
    ],
    steps: [{ stage: 'train', step: '', verdict: 'identical', metrics: { loss: 1 } }],
  });
  // It really did them: 2 shards of 16 rollouts, of which 8 take a second turn.
  expect(stack.parts.done.generations - before.generations).toBe(48);
  expect(stack.parts.done.executions - before.executions).toBe(16);
  expect(stack.parts.done.trainings - before.trainings).toBe(1);
});

test('a replay from a stage does that one and those behind it', async () => {
  const { stages } = await replay('curate');
  expect(stages.map(({ stage }) => stage)).toEqual(['curate', 'train']);
});

test('one changed byte of a stored token is named by rollout and field', async () => {
  const turn = await lastTurn(1);
  const report = await withDamage(
    digestOf(turn, 'tokens'),
    // A token is a character here: the first backslash that a rollout wrote.
    (bytes) => bytes.indexOf(Buffer.from(Int32Array.from(['\\'.charCodeAt(0)]).buffer)),
    () => replay('sample'),
  );
  expect(report.verdict).toBe('different');
  const [first] = report.steps;
  expect(first).toMatchObject({
    stage: 'sample',
    step: 'shard 1, turn 1',
    verdict: 'different',
    difference: {
      output: 'tokens',
      field: expect.stringMatching(/^completionIds\[\d+\]$/),
      now: '92',
      stored: '93',
      isDamaged: true,
    },
  });
  expect(first?.difference?.item).toMatch(/^rollout sum-\d+#(cot|code)#\d$/);
});

test('one changed byte of a stored text or summary is named by rollout and field, also from a later stage', async () => {
  const turn = await lastTurn(0);
  for (const [output, text, field] of [
    ['texts', '\\boxed', /^segments\[\d\]\.text$/],
    ['summary', '"state":"completed', /^state$/],
  ] as const) {
    const report = await withDamage(
      digestOf(turn, output),
      (bytes) => bytes.indexOf(text) + text.length - 1,
      () => replay('score'),
    );
    expect(report.verdict).toBe('different');
    expect(report.steps[0]).toMatchObject({
      stage: 'sample',
      step: 'shard 0, turn 1',
      difference: { output, isDamaged: true },
    });
    expect(report.steps[0]?.difference?.field).toMatch(field);
    expect(report.steps.map(({ verdict }) => verdict)).toContain('unreadable');
  }
});

test('another setting is named as what changed, and the head stays where it is', async () => {
  const head = stack.facts.findLast((fact) => fact.kind === 'campaign' && fact.id === 'base');
  const told = stack.facts.length;
  const report = await replay('curate', { settings: { 'strategy.pooledAdvantages': true } });
  const [curate] = report.steps;
  expect(curate).toMatchObject({
    stage: 'curate',
    verdict: 'different',
    changed: [{ setting: 'config.pooledAdvantages', from: false, to: true }],
    difference: {
      output: 'curation',
      item: expect.stringMatching(/^problem sum-/),
      field: expect.stringMatching(/^kept\[/),
    },
  });
  expect(stack.facts.length).toBe(told);
  expect(stack.facts.findLast((fact) => fact.kind === 'campaign' && fact.id === 'base')).toBe(head);
  const noted = await readEventsOf(stack.store, 'base', 'replayed');
  expect(noted.at(-1)?.details).toMatchObject({ by: 'a test', from: 'curate', verdict: 'different' });
});

test('an iteration that there is not is refused with those that there are', async () => {
  await expect(replay('train', { iteration: 7 })).rejects.toMatchObject({
    cause: { cause: { message: 'nothing is stored of iteration 7 of campaign "base"; stored are 1, 2' } },
  });
});
