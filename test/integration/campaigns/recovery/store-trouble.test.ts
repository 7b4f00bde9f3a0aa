/** A store that is full or has lost something; checkpoints that are collected; other versions of a worker and a stage. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hexOf } from '../../../../src/artifacts/digest.ts';
import type { Digest, Manifest } from '../../../../src/artifacts/types.ts';
import type { CampaignConfig } from '../../../../src/config/campaign.ts';
import { taskQueueOf } from '../../../../src/protocol/queues.ts';
import { type Control, holdSampler, startControl } from './control-over.ts';
import { dumpTables } from './dump-tables.ts';
import { mountSmallDisk } from './full-disk.ts';

const TIME_LIMIT_MS = 300_000;
const disk = mountSmallDisk();

let control: Control;
beforeAll(async () => {
  control = await startControl(disk === undefined ? {} : { folder: disk.folder });
}, TIME_LIMIT_MS);
afterAll(async () => {
  await control.stop({ keepsFolder: disk !== undefined });
  disk?.remove();
}, TIME_LIMIT_MS);

const configure = (name: string, change: Partial<CampaignConfig> = {}): CampaignConfig =>
  control.stack.configure(name, { iterations: 1, evaluations: [], ...change });

const completed = (id: string): Promise<void> => control.until(id, ({ campaign }) => campaign.status === 'completed');

/** No room for another byte; where no disk could be mounted, no place for one. */
async function makeUnwritable(): Promise<() => Promise<void>> {
  if (disk !== undefined) return disk.fill();
  const place = join(control.stack.folder, 'store', 'tmp');
  await rename(place, `${place}-away`);
  await writeFile(place, '');
  return async () => {
    await rm(place);
    await rename(`${place}-away`, place);
  };
}

test(
  'a full disk blocks the campaign with the reason; after the mend a retry goes on, and nothing is half done',
  async () => {
    const open = holdSampler(control.stack, '31/1/', 0);
    await control.client.startCampaign(configure('full', { seed: 31 }));
    await control.until('full', ({ live }) => live?.stage === 'sample');
    await sleep(500);
    const mend = await makeUnwritable();
    open();
    // Nothing can be told to the journal either, so only the campaign itself can say it.
    await control.until('full', ({ live }) => live?.status === 'blocked');
    const { live } = await control.client.showCampaign('full');
    expect(live?.reason).toMatch(
      disk === undefined ? /store-unavailable/ : /store-unavailable\): .*the disk is full; free some space, then retry/,
    );
    await mend();
    await control.until('full', ({ campaign }) => campaign.status === 'blocked');
    await control.client.answerBlock('full', 'retry');
    await completed('full');
    expect((await control.client.checkStore(true)).flaws).toEqual([]);
    expect(new Set(control.computed).size).toBe(control.computed.length);
  },
  TIME_LIMIT_MS,
);

test(
  'a finished step that lost an output blocks the campaign that needs it; forgotten, it is computed again',
  async () => {
    const { store, folder } = control.stack;
    await control.client.startCampaign(configure('whole', { seed: 32 }));
    await completed('whole');
    const lost = await lastSample('32/1');
    const tokens = lost.outputs.tokens?.digest ?? lost.key;
    const hex = hexOf(tokens);
    await rm(join(folder, 'store', 'blobs', hex.slice(0, 2), hex));

    await control.client.startCampaign(configure('holed', { seed: 32 }));
    await control.until('holed', ({ campaign }) => campaign.status === 'blocked');
    const { campaign } = await control.client.showCampaign('holed');
    expect(campaign.reason).toContain(`output "tokens" (blob ${tokens}) is missing; put the file back, or let`);
    expect(campaign.reason).toContain(`whencode store forget ${lost.key}`);
    const flaw = { manifest: lost.key, stage: 'sample', output: 'tokens', digest: tokens, kind: 'missing' };
    expect((await control.client.checkStore(false)).flaws).toContainEqual(flaw);
    await control.client.forgetStep(lost.key);
    await control.client.answerBlock('holed', 'retry');
    await completed('holed');
    expect((await control.client.checkStore(true)).flaws).toEqual([]);
    const heads = await Promise.all(
      ['whole', 'holed'].map(async (id) => (await control.client.showCampaign(id)).campaign.head),
    );
    expect(heads[1]).toBe(heads[0]);
    await expect(control.client.forgetStep(`sha256:${'0'.repeat(64)}`)).rejects.toThrow(/there is no manifest/);
    expect(await store.hasBlob(tokens)).toBe(true);
  },
  TIME_LIMIT_MS,
);

async function lastSample(seed: string): Promise<Manifest> {
  let found: Manifest | undefined;
  for await (const manifest of control.stack.store.listManifests())
    if (manifest.step.stage === 'sample' && manifest.step.seed === seed && manifest.facts.awaiting === 0)
      found = manifest;
  if (found === undefined) throw new Error('there is a last turn');
  return found;
}

test(
  'checkpoints are collected but for start, pinned, the last and head; their lineage stays, also over a rebuild',
  async () => {
    const { client, db, stack } = control;
    await client.startCampaign(configure('lineage', { seed: 33, iterations: 4 }));
    await completed('lineage');
    const before = await client.listCheckpoints('lineage');
    const digestOf = (iteration: number): string => before.find((item) => item.iteration === iteration)?.digest ?? '';
    await client.pinCheckpoint('lineage/1', true);
    const plan = await client.collectCheckpoints({ dryRun: true, keepLast: 1 });
    const mine = Object.fromEntries(plan.checkpoints.map(({ digest, keptAs }) => [digest, keptAs]));
    expect([0, 1, 2, 3, 4].map((iteration) => mine[digestOf(iteration)])).toEqual([
      expect.arrayContaining(['start']),
      ['pinned'],
      [],
      [],
      ['head', 'last'],
    ]);
    expect(await stack.store.hasTree(digestOf(2) as Digest)).toBe(true);

    const { collected } = await client.collectCheckpoints({ keepLast: 1 });
    expect(collected.map(({ digest }) => digest)).toEqual(expect.arrayContaining([digestOf(2), digestOf(3)]));
    for (const { freedBytes } of collected) expect(freedBytes).toBeGreaterThan(0);
    const after = await client.listCheckpoints('lineage');
    expect(after.map(({ digest, parent }) => [digest, parent])).toEqual(
      before.map(({ digest, parent }) => [digest, parent]),
    );
    expect(after.filter(({ collectedAt }) => collectedAt !== undefined).map(({ iteration }) => iteration)).toEqual([
      3, 2,
    ]);
    expect(after.find(({ iteration }) => iteration === 1)?.pinned).toBe(true);
    await expect(client.showCheckpoint('lineage/2')).rejects.toThrow(/were collected as garbage at .*checkpoint pin/);
    await expect(client.forkCampaign('lineage/2', { name: 'too-late' })).rejects.toThrow(/collected as garbage/);
    expect(await client.showCheckpoint('lineage/1')).toMatchObject({ digest: digestOf(1) });

    const told = await dumpTables(db);
    await client.rebuildDatabase();
    expect(await dumpTables(db)).toEqual(told);
    await client.pinCheckpoint('lineage/1', false);
    const second = await client.collectCheckpoints({ keepLast: 1 });
    expect(second.collected.map(({ digest }) => digest)).toEqual([digestOf(1)]);

    // Who needs them again makes them again.
    await client.startCampaign(configure('lineage-again', { seed: 33, iterations: 4 }));
    await completed('lineage-again');
    expect((await client.showCampaign('lineage-again')).campaign.head).toBe(digestOf(4));
    const again = await client.listCheckpoints('lineage');
    expect(again.every(({ collectedAt }) => collectedAt === undefined)).toBe(true);
  },
  TIME_LIMIT_MS,
);

test(
  'a worker with another protocol number leaves the work alone',
  async () => {
    const startAgain = await control.stack.stopWorker('train');
    const taken: string[] = [];
    const connection = await NativeConnection.connect({ address: control.stack.address });
    const taskQueue = taskQueueOf('train').replace(/\d+$/, (protocol) => `${Number(protocol) + 1}`);
    const take = (name: string) => async () => void taken.push(name);
    const activities = { resolveModel: take('resolveModel'), trainIteration: take('trainIteration') };
    const other = await Worker.create({ connection, taskQueue, activities });
    const running = other.run();
    await control.client.startCampaign(configure('protocol', { seed: 34 }));
    await sleep(3000);
    expect((await control.client.showCampaign('protocol')).campaign.checkpoints).toEqual([]);
    other.shutdown();
    await running;
    await connection.close();
    await startAgain();
    await completed('protocol');
    expect(taken).toEqual([]);
  },
  TIME_LIMIT_MS,
);

test(
  'another version of a stage computes that stage again, and after it only what has other inputs',
  async () => {
    await control.client.startCampaign(configure('version', { seed: 35 }));
    await completed('version');
    const from = control.computed.length;
    control.stack.parts.graderFingerprint = 'the next version of the grader';
    await control.client.startCampaign(configure('version-again', { seed: 35 }));
    await completed('version-again');
    control.stack.parts.graderFingerprint = undefined;
    const stages = new Set(control.computed.slice(from).map((step) => step.split(' ')[0]));
    // The verdicts are the same, so the training set is, and nothing is trained again.
    expect([...stages].sort()).toEqual(['curate', 'grade', 'score']);
  },
  TIME_LIMIT_MS,
);
