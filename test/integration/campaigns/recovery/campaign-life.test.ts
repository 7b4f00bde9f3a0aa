/** What a campaign is told before its first iteration, and which checkpoints it keeps until its last. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Digest } from '../../../../src/artifacts/types.ts';
import { deriveSeed, seedNumber } from '../../../../src/formats/seeds.ts';
import { type Control, startControl } from './control-over.ts';

const TIME_LIMIT_MS = 180_000;

let control: Control;
beforeAll(async () => {
  control = await startControl();
}, TIME_LIMIT_MS);
afterAll(() => control.stop(), TIME_LIMIT_MS);

test(
  'four iterations that keep the last checkpoint keep start, head and the pinned one; the lineage of all stays readable',
  async () => {
    const { client, stack } = control;
    const config = stack.configure('frugal', { iterations: 1, evaluations: [], seed: 9 });
    await client.startCampaign({ ...config, checkpoints: { keepLast: 1 } });
    await control.until('frugal', ({ campaign }) => campaign.status === 'completed');
    await client.pinCheckpoint('frugal@1', true);
    await client.extendCampaign('frugal', 3);
    await control.until('frugal', ({ campaign }) => campaign.status === 'completed' && campaign.iterationsDone === 4);

    const { head } = (await client.showCampaign('frugal')).campaign;
    const checkpoints = (await client.listCheckpoints('frugal')).toReversed();
    expect(checkpoints.map(({ iteration, collectedAt }) => [iteration, collectedAt !== undefined])).toEqual([
      [0, false],
      [1, false],
      [2, true],
      [3, true],
      [4, false],
    ]);
    for (const { digest, collectedAt } of checkpoints)
      expect(await stack.store.hasBlob(digest as Digest)).toBe(collectedAt === undefined);
    // Each names the one that it was trained from, also where the files of both are gone.
    expect(checkpoints.slice(1).map(({ parent }) => parent)).toEqual(
      checkpoints.slice(0, 4).map(({ digest }) => digest),
    );
    expect(head).toBe(checkpoints[4]?.digest);
  },
  TIME_LIMIT_MS,
);

test(
  'what Temporal has lost is named; settings that were changed in a warm-up hold after it, an evaluation goes on',
  async () => {
    const { stack } = control;
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    stack.parts.executionGate = () => opened;
    stack.parts.gate = () => opened;
    const evaluation = { checkpoint: 'frugal', suite: join(stack.folder, 'held.jsonl') };
    const { id } = await control.client.startEvaluation(evaluation);
    const base = stack.configure('early', { iterations: 1, evaluations: [], seed: 11 });
    const sft = { demonstrations: 'testbed', problems: 20, batchTokens: 700 } as const;
    const { optimizer } = base.train;
    await control.client.startCampaign({
      ...base,
      model: 'testbed',
      sft: { epochs: 1, skewUpdates: 120, seed: 0, optimizer, ...sft },
    });
    await control.until('early', ({ live }) => live?.stage === 'warm-up');
    await control.client.changeSettings('early', { settings: { 'train.optimizer.learningRate': 0.5 } });

    await control.stop({ keepsFolder: true, keepsDatabase: true });
    open();
    control = await startControl({ folder: stack.folder, parts: stack.parts, db: control.db });
    // A Temporal server that has just started may answer late, and then nothing is said.
    while ((await control.client.showEvaluation(id)).lost !== true) await sleep(100);
    while (!(await control.page('/')).includes('Temporal has lost this campaign')) await sleep(100);
    while (!(await control.page('/campaigns/early')).includes('whencode campaign recover early')) await sleep(100);
    expect(await control.client.startEvaluation(evaluation)).toEqual({ id });
    await control.client.recoverCampaign('early');
    expect(await control.page('/')).not.toContain('Temporal has lost this campaign');
    await control.until('early', ({ campaign }) => campaign.status === 'completed');
    const { campaign } = await control.client.showCampaign('early');
    expect(campaign.config).toMatchObject({ train: { optimizer: { learningRate: 0.5 } } });
    const rates: number[] = [];
    for await (const { step } of control.stack.store.listManifests())
      if (step.stage === 'train' && step.seed === String(seedNumber(deriveSeed(11, 1, 'train'))))
        rates.push((step.config as { optimizer: { learningRate: number } }).optimizer.learningRate);
    expect(rates).toEqual([0.5]);
    while ((await control.client.showEvaluation(id)).status === 'running') await sleep(50);
    const measured = await control.client.showEvaluation(id);
    expect([measured.status, measured.lost]).toEqual(['completed', undefined]);
  },
  TIME_LIMIT_MS,
);
