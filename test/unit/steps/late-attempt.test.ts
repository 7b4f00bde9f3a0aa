/** An attempt that the orchestrator has given up goes on, and is done after the one that took its place. */
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTrainActivities } from '../../../activities/train.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore, Digest } from '../../../src/artifacts/types.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import type { Trained } from '../../../src/protocol/activities.ts';
import type { TrainerJob } from '../../../src/trainer/job.ts';
import { characterTokenizer } from '../../support/simulated-parts.ts';

let folder: string;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'late-'));
  store = await openStore(join(folder, 'store'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const gate = (): { readonly passed: Promise<void>; readonly pass: () => void } => {
  let pass: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    pass = resolve;
  });
  return { passed, pass };
};

async function prepareTraining(): Promise<{ config: Digest; checkpoint: Digest; curation: Digest }> {
  const model = join(folder, 'model');
  await mkdir(model);
  await writeFile(join(model, 'config.json'), '{}');
  const config = campaignSchema.parse({
    name: 'late',
    model,
    template: 'testbed',
    iterations: 1,
    problems: [{ from: 'x' }],
  });
  const curation = await store.commitManifest({
    step: { stage: 'curate', version: 1, inputs: {}, config: null, seed: '' },
    outputs: { trainingSet: await store.putBlob(Buffer.from('a training set')) },
    facts: {},
    information: {},
  });
  const checkpoint = (await store.putTree(model)).digest;
  return {
    config: (await store.putBlob(Buffer.from(JSON.stringify(config)))).digest,
    checkpoint,
    curation: curation.key,
  };
}

test('every update of a training goes to those who follow it, by campaign, iteration and number', async () => {
  const input = { iteration: 1, patienceMs: 60_000, ...(await prepareTraining()) };
  const taken: unknown[] = [];
  const { trainIteration } = createTrainActivities({
    store,
    python: 'python3',
    scratch: join(folder, 'scratch'),
    readTokenizer: async () => characterTokenizer,
    testbedModel: { config: {}, writeTokenizer: async () => undefined },
    followers: { update: async (...update) => void taken.push(update) },
    async runTrainer({ job, onEvent }) {
      if (job.kind !== 'train') throw new Error('only trainings are asked for');
      for (const update of [1, 2])
        onEvent?.({ kind: 'update', update, of: 2, loss: 3 - update, metrics: { grad_norm: update } });
      await cp(job.modelDirectory, job.outputDirectory, { recursive: true });
      return { kind: 'done' as const, updates: 2, metrics: {} };
    },
  });
  await new MockActivityEnvironment().run(trainIteration, input);
  const run = { campaign: 'late', iteration: 1, stage: 'train' };
  expect(taken).toEqual([
    [run, 1, { loss: 2, grad_norm: 1 }],
    [run, 2, { loss: 1, grad_norm: 2 }],
  ]);
});

test('the first writer stands, the late one adopts it, and no two trainers write one folder', async () => {
  const input = { iteration: 1, patienceMs: 60_000, ...(await prepareTraining()) };
  const started = [gate(), gate()] as const;
  const mayEnd = [gate(), gate()] as const;
  const folders: string[] = [];
  const { trainIteration } = createTrainActivities({
    store,
    python: 'python3',
    scratch: join(folder, 'scratch'),
    readTokenizer: async () => characterTokenizer,
    testbedModel: { config: {}, writeTokenizer: async () => undefined },
    // Two runs on different devices: their weights are not the same.
    async runTrainer({ job }: { job: TrainerJob }) {
      if (job.kind !== 'train') throw new Error('only trainings are asked for');
      const run = folders.push(job.outputDirectory) - 1;
      await cp(job.modelDirectory, job.outputDirectory, { recursive: true });
      await writeFile(join(job.outputDirectory, 'weights'), `of run ${run}`);
      started[run]?.pass();
      await mayEnd[run]?.passed;
      return { kind: 'done' as const, updates: 1, metrics: { run } };
    },
  });

  const late = new MockActivityEnvironment({ attempt: 1 }).run(trainIteration, input);
  await started[0].passed;
  // Its heartbeats have stopped for the orchestrator, so a second attempt runs at the same time.
  const second = new MockActivityEnvironment({ attempt: 2 }).run(trainIteration, input);
  await started[1].passed;
  mayEnd[1].pass();
  const winner = (await second) as Trained;
  expect(winner.metrics).toEqual({ run: 1 });
  mayEnd[0].pass();
  expect(await late).toEqual(winner);

  expect(new Set(folders).size).toBe(2);
  const manifests: string[] = [];
  for await (const { step } of store.listManifests()) manifests.push(step.stage);
  expect(manifests.sort()).toEqual(['curate', 'train']);
  const weights = (await store.readTree(winner.checkpoint)).files.weights?.digest;
  expect(`${await store.readBlob(weights ?? winner.checkpoint)}`).toBe('of run 1');
  // Neither leaves anything behind once the step is committed and both are gone.
  expect(await readdir(join(folder, 'scratch')).catch(() => [])).toEqual([]);
});
