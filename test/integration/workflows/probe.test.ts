/** The trainer probes the first shard before the rest of an iteration is sampled. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CampaignConfig } from '../../../src/config/campaign.ts';
import type { CampaignResult } from '../../../src/protocol/campaign-input.ts';
import type { CampaignView } from '../../../src/protocol/campaign-messages.ts';
import { changeSettingsUpdate, retryIterationUpdate, statusQuery } from '../../../workflows/messages.ts';
import { type SimulatedStack, startSimulatedStack } from '../../support/simulated-stack.ts';

let stack: SimulatedStack;
beforeAll(async () => {
  stack = await startSimulatedStack();
});
afterAll(() => stack.stop());
beforeEach(() => {
  stack.parts.probeDeviation = 0;
  Object.assign(stack.parts.done, { generations: 0, executions: 0, trainings: 0, probes: 0 });
});

/** Four shards of one problem, one after the other. */
const configure = (name: string, seed: number): CampaignConfig => {
  const config = stack.configure(name, { seed, evaluations: [] });
  return { ...config, sampling: { ...config.sampling, problemsPerShard: 1, shardsInFlight: 1 } };
};

const countsOf = (name: string, iteration: number) =>
  stack.facts.flatMap((fact) =>
    fact.kind === 'stage' &&
    fact.campaignId === name &&
    fact.iteration === iteration &&
    fact.stage === 'sample' &&
    fact.counts !== undefined
      ? [fact.counts]
      : [],
  );

test('rollouts of other weights are refused after one shard of four, and the retry probes again', async () => {
  stack.parts.probeDeviation = 0.5;
  const handle = await stack.start(configure('refused', 91));
  const statusOf = (): Promise<CampaignView> => handle.query(statusQuery);
  while ((await statusOf()).status !== 'blocked') await sleep(50);
  expect((await statusOf()).reason).toMatch(/trainer-refused.*importance ratios are not 1/s);
  // Eight first turns and four second ones of the code arm.
  expect(stack.parts.done.generations).toBe(12);
  stack.parts.probeDeviation = 0;
  await handle.executeUpdate(retryIterationUpdate, { args: [{ id: crypto.randomUUID(), by: 'ada' }] });
  expect(((await handle.result()) as CampaignResult).status).toBe('completed');
  expect(countsOf('refused', 1).at(-1)).toMatchObject({ shard_deviation: 0 });
}, 90_000);

test('a small deviation is recorded and goes on; later iterations probe again only with other settings', async () => {
  stack.parts.probeDeviation = 0.05;
  const handle = await stack.start({ ...configure('mismatch', 92), iterations: 3 });
  while ((await handle.query(statusQuery)).iteration < 2) await sleep(20);
  await handle.executeUpdate(changeSettingsUpdate, {
    args: [{ id: crypto.randomUUID(), by: 'ada', settings: { 'train.epochs': 1 } }],
  });
  expect(((await handle.result()) as CampaignResult).status).toBe('completed');
  expect(countsOf('mismatch', 1).at(-1)).toMatchObject({ shard_deviation: 0.05, probe_tolerance: 0.02 });
  expect(countsOf('mismatch', 2).at(-1)).not.toHaveProperty('shard_deviation');
  expect(countsOf('mismatch', 3).at(-1)).toHaveProperty('shard_deviation');
  expect(stack.parts.done.probes).toBe(2);
}, 90_000);
