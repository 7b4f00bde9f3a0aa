import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { count } from 'drizzle-orm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { openDatabase, setDatabaseAside } from '../../../src/db/database.ts';
import { listCampaigns } from '../../../src/db/read-campaigns.ts';
import * as tables from '../../../src/db/schema.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'database-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('starts over with an empty database that has every table; path and URL of its folder open the same one', async () => {
  const directory = join(folder, 'database');
  const db = await openDatabase(directory);
  const fact = { kind: 'campaign', status: 'running', at: '2026-01-01T00:00:00.000Z' } as const;
  await applyFacts(db, [{ ...fact, id: 'before' }]);
  const filled = await db.startOver(async () => {
    expect(await db.orm.select({ facts: count() }).from(tables.facts)).toEqual([{ facts: 0 }]);
    await applyFacts(db, [{ ...fact, id: 'after' }]);
    return 'filled';
  });
  expect(filled).toBe('filled');
  await db.close();
  const again = await openDatabase(pathToFileURL(directory).href);
  expect((await listCampaigns(again)).map(({ id }) => id)).toEqual(['after']);
  await again.close();
});

it.each(['oracle', 'mysql', 'https'])(
  'refuses %s: with what is allowed, and does not repeat a password',
  async (scheme) => {
    const opening = openDatabase(`${scheme}://control:secret@host/whencode`);
    await expect(opening).rejects.toThrow(`a database at ${scheme}: can't be opened; allowed are the path of a folder`);
    await expect(opening).rejects.not.toThrow('secret');
  },
);

it('sets a folder aside under a name that says why; there is nothing to set aside in memory', async () => {
  await writeFile(join(folder, 'database'), 'not a folder of PGlite');
  const aside = await setDatabaseAside(join(folder, 'database'));
  expect(await readdir(folder)).toEqual([expect.stringMatching(/^database\.damaged-/)]);
  expect(aside).toBe(join(folder, (await readdir(folder))[0] ?? ''));
  expect(await setDatabaseAside('memory:')).toBeUndefined();
});
