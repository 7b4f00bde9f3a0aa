/**
 * The whole loop with every part real, in small: warm-up from scratch, rollouts of both arms by ONNX Runtime, their code
 * in Docker, grades, curation, a PyTorch update, evaluations, all through Temporal, seen through the API that users have.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitForClient } from '../../../src/cli/wait-for-client.ts';
import type { CampaignConfig } from '../../../src/config/campaign.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import type { CampaignDetail } from '../../../src/db/views.ts';
import { type TestbedMethod, testbedCampaign } from '../../../src/demo/campaigns.ts';
import { followCampaign } from '../../../src/demo/follow.ts';
import { type Stack, startStack } from '../../../src/workers/stack.ts';
import { type TestClient, withCalls } from '../../support/calls.ts';

const START_LIMIT_MS = 120_000;

let home: string;
let stack: Stack;
let client: TestClient;
let em: CampaignDetail;

async function smallCampaign(method: TestbedMethod, name: string): Promise<CampaignConfig> {
  const config = await testbedCampaign(method, name, { iterations: 1, seed: 3, warmStart: 'balanced' });
  if (config.sft === undefined) throw new Error('the testbed campaign has a warm-up');
  return {
    ...config,
    sft: { ...config.sft, problems: 3000 },
    problemsPerIteration: 48,
    sampling: { ...config.sampling, problemsPerShard: 24 },
    evaluations: config.evaluations.map((suite) => ({ ...suite, problems: { ...suite.problems, limit: 60 } })),
  };
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'whole-loop-'));
  stack = await startStack({ home, temporal: readEnvironment().temporal });
  client = withCalls(await waitForClient(home, START_LIMIT_MS));
  const config = await smallCampaign('em', 'small-em');
  await client.startCampaign(config);
  em = await followCampaign(client, config.name, () => undefined);
}, 400_000);
afterAll(async () => {
  await stack?.stop();
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

test('an EM campaign goes through every stage and trains a new checkpoint', () => {
  expect(em).toMatchObject({ status: 'completed', iterationsDone: 1 });
  const stages = em.iterations.map(({ iteration, stages: found }) => [
    iteration,
    found.map((stage) => `${stage.stage} ${stage.status}`),
  ]);
  expect(stages).toEqual([
    [0, ['warm-up completed', 'evaluate completed']],
    [1, ['plan', 'sample', 'score', 'curate', 'train', 'evaluate'].map((stage) => `${stage} completed`)],
  ]);
  expect(em.iterations[1]?.counts.rollouts).toBe(48 * 2 * 4);
  expect(em.iterations[1]?.counts['sample.kept']).toBeGreaterThan(0);
  expect(em.iterations[1]?.sampledBy?.join()).toMatch(/^embedded onnxruntime-node \d+\.\d+\.\d+, fp32$/);
  const digests = em.checkpoints.map((checkpoint) => checkpoint.digest);
  expect(new Set(digests).size).toBe(2);
  expect(em.head).toBe(digests[1]);
});

test('evaluations measure all three arms before and after, with intervals', () => {
  const measured = em.evaluations.map(({ iteration, metrics }) => ({ iteration, n: metrics?.accuracy.auto?.n }));
  expect(measured).toEqual([
    { iteration: 0, n: 60 },
    { iteration: 1, n: 60 },
  ]);
  for (const { metrics } of em.evaluations) {
    const { auto, cot, code } = metrics?.accuracy ?? {};
    for (const measure of [auto, cot, code]) {
      expect(measure?.low).toBeLessThanOrEqual(measure?.value ?? -1);
      expect(measure?.high).toBeGreaterThanOrEqual(measure?.value ?? 2);
    }
  }
});

test('rollouts regrade: the present grader says what is stored, other conventions list their flips', async () => {
  const same = await client.regradeRollouts('small-em', 1);
  expect(same.graded).toBeGreaterThan(0);
  expect(same.flips).toEqual([]);
  const boxed = await client.regradeRollouts('small-em', 1, { grader: { extraction: 'box-only' } });
  expect(boxed.graded).toBe(same.graded);
  for (const { before, after } of boxed.flips) expect(after.verdict).not.toBe(before.verdict);
});

test('code rollouts ran real code, and its output is in what the model read', async () => {
  const page = await client.listRollouts({
    campaign: 'small-em',
    iteration: 1,
    arm: 'code',
    end: 'completed',
    limit: 20,
  });
  expect(page.rollouts.length).toBeGreaterThan(0);
  const [first] = page.rollouts;
  if (first === undefined) throw new Error('no rollout');
  const rollout = await client.showRollout('small-em', 1, first.id);
  expect(rollout.texts.segments.map((segment) => segment.by)).toEqual(['prefix', 'model', 'tool', 'model']);
  expect(rollout.texts.segments[2]?.text).toMatch(/<\|out\|>$/);
});

test('the iteration done again is the same: tokens bit by bit, the training within its tolerance', async () => {
  const asked = await client.replayIteration('small-em', 1, { from: 'sample' });
  if (asked.kind !== 'replay') throw new Error('nothing was asked to change');
  let state = await client.showReplay(asked.id);
  while (state.status === 'running') {
    await sleep(200);
    state = await client.showReplay(asked.id);
  }
  if (state.status === 'failed') throw new Error(state.reason);
  const { report } = state;
  const different = report.steps.filter(({ verdict }) => verdict !== 'identical' && verdict !== 'within-tolerance');
  expect(different).toEqual([]);
  const countsOf = (name: string) => report.stages.find(({ stage }) => stage === name)?.counts;
  expect(Object.keys(countsOf('sample') ?? {})).toEqual(['identical']);
  expect(Object.keys(countsOf('execute') ?? {})).toEqual(['identical']);
  expect(countsOf('score')).toEqual({ identical: 3 });
  expect(countsOf('curate')).toEqual({ identical: 1 });
  const training = report.steps.find(({ stage }) => stage === 'train');
  for (const { largest, allowed } of training?.deviations ?? []) expect(largest).toBeLessThanOrEqual(allowed);
  expect(training?.metrics?.loss).toBeCloseTo(em.iterations[1]?.metrics?.loss ?? Number.NaN, 2);
});

test('a campaign of another method takes the warm start from the store instead of training it again', async () => {
  const config = await smallCampaign('rl', 'small-rl');
  await client.startCampaign(config);
  const rl = await followCampaign(client, config.name, () => undefined);
  expect(rl).toMatchObject({ status: 'completed', iterationsDone: 1 });
  expect(rl.checkpoints[0]?.digest).toBe(em.checkpoints[0]?.digest);
  const seconds = (campaign: CampaignDetail): number => campaign.iterations[0]?.stages[0]?.seconds ?? Number.NaN;
  expect(seconds(rl)).toBeLessThan(seconds(em) / 2);
});

test('an evaluation on demand that has been made is answered from the store, asked twice or not', async () => {
  const ask = { campaign: 'small-em', iteration: 0, suite: 'held-out' } as const;
  const [left, right] = await Promise.all([client.startEvaluation(ask), client.startEvaluation(ask)]);
  expect(left.id).toBe(right.id);
  expect(left.id).toBe(em.evaluations[0]?.id);
});
