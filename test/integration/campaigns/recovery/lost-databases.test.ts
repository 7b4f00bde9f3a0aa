/** Temporal's record and the database of facts are lost: the artifact store has it all. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ArtifactStore } from '../../../../src/artifacts/types.ts';
import { openOrRebuildDatabase } from '../../../../src/db/open-or-rebuild.ts';
import { changeSettingsUpdate, extendUpdate, stopSignal } from '../../../../workflows/messages.ts';
import { tinyModelConfig } from '../../../support/model-config.ts';
import { type Control, holdSampler, startControl } from './control-over.ts';
import { dumpTables } from './dump-tables.ts';

const TWO_MORE = {
  args: [{ id: 'two-more', iterations: 2 }] as [{ id: string; iterations: number }],
  updateId: 'two-more',
};
const TIME_LIMIT_MS = 300_000;

let before: Control;
let after: Control;
let elsewhere: string;
let committed: Map<string, unknown>;

async function informationOf(store: ArtifactStore): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  for await (const { key, information } of store.listManifests()) found.set(key, information);
  return found;
}

beforeAll(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), 'elsewhere-'));
  before = await startControl();
  const { stack, client } = before;
  // Iteration 2 of one: its first shard goes through (two turns), its second is under way. Of the other: both shards.
  holdSampler(stack, '0/2/', 2);
  holdSampler(stack, '5/2/', 0);
  const middle = stack.configure('middle', { iterations: 2 });
  await client.startCampaign({ ...middle, sampling: { ...middle.sampling, shardsInFlight: 1 } });
  await client.startCampaign(stack.configure('changed', { iterations: 2, evaluations: [], seed: 5 }));
  const model = join(elsewhere, 'model');
  await client.startCampaign(stack.configure('unopened', { model, iterations: 1, evaluations: [], seed: 7 }));
  await before.until('middle', ({ live }) => live?.iteration === 2 && live.shardsDone === 1);
  await before.until('changed', ({ live }) => live?.iteration === 2 && live.stage === 'sample');
  await before.until('unopened', ({ campaign }) => campaign.status === 'blocked');
}, TIME_LIMIT_MS);

afterAll(async () => {
  await (after ?? before).stop();
  await rm(elsewhere, { recursive: true, force: true });
}, TIME_LIMIT_MS);

test(
  'the database of facts is rebuilt equal in the middle of iterations',
  async () => {
    const { client, db } = before;
    await client.pauseCampaign('middle');
    await client.extendCampaign('middle', 1);
    const changed = before.stack.client.workflow.getHandle('campaign/changed');
    expect(await changed.executeUpdate(extendUpdate, TWO_MORE)).toEqual({ iterationsPlanned: 4 });
    const settings = { 'train.optimizer.learningRate': 0.5 };
    await changed.executeUpdate(changeSettingsUpdate, { args: [{ id: crypto.randomUUID(), settings }] });
    await changed.signal(stopSignal, { id: crypto.randomUUID(), when: 'after-iteration' });
    await before.until('middle', ({ campaign }) => campaign.status === 'paused' && campaign.iterationsPlanned === 3);
    // Until everything that was asked for is told.
    await sleep(2000);

    const told = await dumpTables(db);
    for (const table of ['campaigns', 'facts', 'journal', 'shards', 'stages', 'checkpoints', 'campaign_evaluations'])
      expect([table, (told[table] ?? []).length]).not.toEqual([table, 0]);
    expect(await client.rebuildDatabase()).toMatchObject({
      campaigns: 3,
      facts: told.facts?.length,
      entries: told.journal?.length,
    });
    expect(await dumpTables(db)).toEqual(told);
    const kinds = (await client.readJournal('middle')).entries.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['opened', 'state', 'paused', 'extended']));
  },
  TIME_LIMIT_MS,
);

test(
  'a campaign whose record in Temporal is lost is named, and goes on from the store: no committed step runs again',
  async () => {
    const refused = before.client.recoverCampaign('middle');
    await expect(refused).rejects.toThrow('campaign "middle" runs; there is nothing to recover');

    await before.stop({ keepsFolder: true, keepsDatabase: true });
    const { stack, db } = before;
    stack.parts.gate = () => Promise.resolve();
    after = await startControl({ folder: stack.folder, parts: stack.parts, db });
    committed = await informationOf(after.stack.store);
    const lost = (await after.client.listCampaigns()).map(({ id, status, lost }) => [id, status, lost]);
    expect(lost.sort()).toEqual([
      ['changed', 'running', true],
      ['middle', 'paused', true],
      ['unopened', 'blocked', true],
    ]);

    expect(await after.client.recoverCampaign('middle')).toEqual({ id: 'middle', iterationsDone: 1, paused: true });
    expect((await after.client.showCampaign('middle')).campaign.lost).toBeUndefined();
    await sleep(1000);
    // Paused as it was.
    expect(after.computed.filter((step) => step.startsWith('sample'))).toEqual([]);
    await after.client.resumeCampaign('middle');
    await after.until('middle', ({ campaign }) => campaign.status === 'completed');
    const { campaign } = await after.client.showCampaign('middle');
    expect(campaign).toMatchObject({ iterationsDone: 3, iterationsPlanned: 3 });
    expect(campaign.iterations.map(({ status }) => status)).toEqual([
      'completed',
      'completed',
      'completed',
      'completed',
    ]);

    const all = [...before.computed, ...after.computed];
    expect(new Set(all).size).toBe(all.length);
    const end = await informationOf(after.stack.store);
    for (const [key, information] of committed) expect(end.get(key)).toEqual(information);
    expect(after.computed.filter((step) => step.startsWith('train'))).toHaveLength(2);
    const again = after.client.recoverCampaign('middle');
    await expect(again).rejects.toThrow('has ended (completed); `campaign extend` goes on with it');
  },
  TIME_LIMIT_MS,
);

test(
  'settings that were changed, requests that were seen and a stop that was asked for are kept',
  async () => {
    const { client, stack } = after;
    await client.recoverCampaign('changed');
    await after.until('changed', ({ campaign }) => campaign.status === 'stopped');
    expect((await client.showCampaign('changed')).campaign).toMatchObject({ iterationsDone: 1, iterationsPlanned: 4 });
    // The stop was obeyed and is done with; what was seen stays seen.
    holdSampler(stack, '5/3/', 0);
    await client.extendCampaign('changed', 3);
    const repeated = await stack.client.workflow.getHandle('campaign/changed').executeUpdate(extendUpdate, TWO_MORE);
    expect(repeated).toEqual({ iterationsPlanned: 4 });
    await after.until('changed', ({ campaign, live }) => campaign.iterationsDone === 2 && live?.stage === 'sample');
    const { campaign } = await client.showCampaign('changed');
    expect(campaign.config).toMatchObject({ train: { optimizer: { learningRate: 0.5 } } });
    const rates: number[] = [];
    for await (const { step } of stack.store.listManifests())
      if (step.stage === 'train' && step.seed.includes('5'))
        rates.push((step.config as { optimizer: { learningRate: number } }).optimizer.learningRate);
    // Iteration 2 was under way when they were changed, so it keeps its own.
    expect(rates).not.toContain(0.5);
    await client.stopCampaign('changed', 'now');
  },
  TIME_LIMIT_MS,
);

test(
  'a campaign that was never open begins again with its configuration',
  async () => {
    const model = join(elsewhere, 'model');
    await mkdir(model);
    await writeFile(join(model, 'config.json'), JSON.stringify(tinyModelConfig()));
    expect(await after.client.recoverCampaign('unopened')).toMatchObject({ iterationsDone: 0 });
    await after.until('unopened', ({ campaign }) => campaign.status === 'completed');
    await expect(after.client.recoverCampaign('never')).rejects.toThrow(/no campaign "never"; there are/);
  },
  TIME_LIMIT_MS,
);

test(
  'a fork begins at the result of an iteration, with settings of its own and the problems that come next',
  async () => {
    const { client } = after;
    const body = { name: 'forked', settings: { 'strategy.alpha': 4 }, iterations: 1 };
    const forked = await client.forkCampaign('middle/1', body);
    const source = (await client.showCampaign('middle')).campaign;
    const checkpoint = source.checkpoints.find(({ iteration }) => iteration === 1)?.digest;
    expect(forked).toMatchObject({ forkedFrom: { campaignId: 'middle', iteration: 1, checkpoint, cursor: 4 } });
    await after.until('forked', ({ campaign }) => campaign.status === 'completed');
    const { campaign } = await client.showCampaign('forked');
    expect(campaign).toMatchObject({ iterationsDone: 2, iterationsPlanned: 2, forkedFrom: forked.forkedFrom });
    expect(campaign.checkpoints.map(({ iteration }) => iteration)).toEqual([1, 2]);
    expect(campaign.checkpoints[1]?.parent).toBe(checkpoint);
    // The same problems under the same policy: the samples are those of the other campaign.
    const samples = (id: typeof campaign) => id.iterations.find(({ iteration }) => iteration === 2)?.shardManifests;
    expect([...(samples(campaign) ?? [])].sort()).toEqual([...(samples(source) ?? [])].sort());
    const refusals: [string, typeof body | object, RegExp][] = [
      ['middle/9', { ...body, name: 'other' }, /has checkpoints of these iterations: 0, 1, 2, 3/],
      ['middle', body, /"forked" exists already/],
      ['middle', { ...body, name: 'other', settings: { 'strategy.alfa': 4 } }, /did you mean/],
      ['nobody', { ...body, name: 'other' }, /no campaign "nobody"/],
    ];
    for (const [from, wanted, message] of refusals)
      await expect(client.forkCampaign(from, wanted as typeof body)).rejects.toThrow(message);
  },
  TIME_LIMIT_MS,
);

test(
  'at the start of a control process a database that is missing or damaged is rebuilt equal',
  async () => {
    const { stack, db } = after;
    const told = await dumpTables(db);
    const directory = join(elsewhere, 'database');
    const notes: string[] = [];
    const note = (text: string): void => void notes.push(text);
    const missing = await openOrRebuildDatabase(directory, stack.store, note);
    expect(await dumpTables(missing)).toEqual(told);
    await missing.close();
    await rm(join(directory, 'global'), { recursive: true });
    const damaged = await openOrRebuildDatabase(directory, stack.store, note);
    expect(await dumpTables(damaged)).toEqual(told);
    await damaged.close();
    expect(notes).toEqual([
      expect.stringMatching(/was empty and is rebuilt from the store: 4 campaigns/),
      expect.stringMatching(/can't be opened .* it is now .*damaged/),
      expect.stringMatching(/was empty and is rebuilt/),
    ]);
  },
  TIME_LIMIT_MS,
);
