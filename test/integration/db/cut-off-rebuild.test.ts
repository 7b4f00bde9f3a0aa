import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/artifacts/open-store.ts';
import { rebuildDatabase } from '../../../src/db/apply-journal.ts';
import { openOrRebuildDatabase } from '../../../src/db/open-or-rebuild.ts';
import { listCampaigns } from '../../../src/db/read-campaigns.ts';

test('a rebuild that was cut off is done at the next start; two at once are done one after the other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-'));
  try {
    const store = await openStore(join(folder, 'store'));
    for (const [second, id] of ['one', 'two'].entries()) {
      const at = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
      await store.appendJournal(id, {
        at,
        kind: 'fact',
        details: { fact: { kind: 'campaign', id, status: 'running', at } },
      });
    }
    const directory = join(folder, 'database');
    const notes: string[] = [];
    const open = () => openOrRebuildDatabase(directory, store, (text) => notes.push(text));

    const first = await open();
    const half = {
      ...store,
      readJournal: async (id: string) => {
        if (id === 'two') throw new Error('cut off');
        return store.readJournal(id);
      },
    };
    await expect(rebuildDatabase(first, half)).rejects.toThrow('cut off');
    expect((await listCampaigns(first)).map(({ id }) => id)).toEqual(['one']);
    await first.close();

    const second = await open();
    expect((await listCampaigns(second)).map(({ id }) => id)).toEqual(['two', 'one']);
    expect(await Promise.all([rebuildDatabase(second, store), rebuildDatabase(second, store)])).toEqual(
      Array.from({ length: 2 }, () => ({ campaigns: 2, facts: 2, entries: 0 })),
    );
    await second.close();
    expect((await readdir(folder)).sort()).toEqual(['database', 'store']);

    await (await open()).close();
    expect(notes).toEqual([
      expect.stringMatching(/^the database was empty and is rebuilt/),
      expect.stringMatching(/^the database was incomplete and is rebuilt from the store: 2 campaigns, 2 facts/),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
