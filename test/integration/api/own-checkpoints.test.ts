/** Which checkpoints a campaign may collect by itself: none that another campaign made, or that a replay works on. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { Digest } from '../../../src/artifacts/types.ts';
import { type CollectionDeps, collectCheckpoints, planCollection } from '../../../src/campaigns/collect-checkpoints.ts';
import type { ReplayedIteration } from '../../../src/campaigns/gateway.ts';
import { recordFacts } from '../../../src/campaigns/records.ts';
import { databaseTracker } from '../../../src/db/apply-journal.ts';
import { openDatabase } from '../../../src/db/database.ts';
import type { Fact } from '../../../src/protocol/facts.ts';

test('of its own checkpoints those that nothing needs, and no file that another needs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'collect-'));
  const db = await openDatabase('memory:');
  try {
    const store = await openStore(join(folder, 'store'));
    let second = 0;
    const now = (): string => {
      second += 1;
      return new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
    };
    const tell = (...facts: Fact[]) => recordFacts({ store, database: databaseTracker(db) }, facts);
    const make = async (campaignId: string, iteration: number, parent?: Digest): Promise<Digest> => {
      const model = join(folder, `${campaignId}-${iteration}`);
      await mkdir(model);
      await writeFile(join(model, 'config.json'), '{}');
      await writeFile(join(model, 'model.safetensors'), `${campaignId} ${iteration}`);
      const { digest } = await store.putTree(model);
      await tell({ kind: 'checkpoint', digest, campaignId, iteration, at: now() });
      if (parent === undefined) return digest;
      const done = { kind: 'iteration', campaignId, iteration, from: parent, to: digest, status: 'completed' } as const;
      await tell(
        { ...done, at: now() },
        { kind: 'campaign', id: campaignId, status: 'running', head: digest, at: now() },
      );
      return digest;
    };
    const made = async (campaignId: string): Promise<Digest[]> => {
      const found = [await make(campaignId, 0)];
      for (const iteration of [1, 2, 3, 4]) found.push(await make(campaignId, iteration, found[iteration - 1]));
      return found;
    };
    const [own, other] = [await made('own'), await made('other')];
    let replays: readonly ReplayedIteration[] = [{ campaignId: 'own', iteration: 2 }];
    const deps: CollectionDeps = { db, store, gateway: { listOpenReplays: async () => replays } };
    const kept = async (only?: string) => {
      const plan = await planCollection(deps, 1, only);
      return (digests: readonly Digest[]) =>
        digests.map((digest) => plan.find((item) => item.digest === digest)?.keptAs.join(', '));
    };

    const byHand = await kept();
    for (const all of [own, other])
      expect(byHand(all)).toEqual([
        'start',
        all === own ? 'in use' : '',
        all === own ? 'in use' : '',
        '',
        'head, last',
      ]);
    expect((await kept('own'))(other)).toEqual([
      "start, another's",
      "another's",
      "another's",
      "another's",
      "head, last, another's",
    ]);

    const collect = async () => await collectCheckpoints(deps, await planCollection(deps, 1, 'own'));
    expect((await collect()).map(({ digest }) => digest)).toEqual([own[3]]);
    replays = [];
    expect(new Set((await collect()).map(({ digest }) => digest))).toEqual(new Set([own[1], own[2]]));
    expect(await collect()).toEqual([]);
    const whole = await Promise.all([...own, ...other].map((digest) => store.hasTree(digest)));
    expect(whole).toEqual([true, false, false, false, true, true, true, true, true, true]);
  } finally {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  }
});
