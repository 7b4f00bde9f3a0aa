import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore } from '../../../src/artifacts/types.ts';
import { readJournalOf, rebuildDatabase } from '../../../src/db/apply-journal.ts';
import { type Database, openDatabase } from '../../../src/db/database.ts';
import { openOrRebuildDatabase } from '../../../src/db/open-or-rebuild.ts';
import { listCampaigns } from '../../../src/db/read-campaigns.ts';

let folder: string;
let store: ArtifactStore;
let db: Database;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'damaged-journal-'));
  store = await openStore(join(folder, 'store'));
  db = await openDatabase('memory:');
});
afterAll(async () => {
  await db.close();
  await rm(folder, { recursive: true, force: true });
});

const AT = '2026-01-01T00:00:00.000Z';
const running = (id: string) => ({
  at: AT,
  kind: 'fact',
  details: { fact: { kind: 'campaign', id, status: 'running', at: AT } },
});
const plant = async (id: string, name: string, text: string): Promise<void> => {
  await mkdir(join(folder, 'store', 'journals', id), { recursive: true });
  await writeFile(join(folder, 'store', 'journals', id, name), text);
};

test('a rebuild and a start skip damaged and unknown entries, name them, and keep the rest', async () => {
  await store.appendJournal('math', running('math'));
  await store.appendJournal('math', { at: AT, kind: 'paused', details: { by: 'ada@lovelace' } });
  await plant('math', 'cut.json', '{"at":"2026-01-01T00:0');
  await plant('math', 'unknown.json', JSON.stringify({ at: AT, kind: 'dreamt', details: {} }));
  await plant('math', 'fact.json', JSON.stringify({ at: AT, kind: 'fact', details: { fact: { kind: 'stage' } } }));
  await mkdir(join(folder, 'store', 'journals', 'math', 'folder.json'), { recursive: true });
  await plant('Not A Campaign', 'one.json', '{}');

  const rebuilt = await rebuildDatabase(db, store);
  expect(rebuilt).toMatchObject({ campaigns: 1, facts: 1, entries: 1 });
  expect(rebuilt.skipped?.map(({ name }) => name).sort()).toEqual([
    'math/cut.json',
    'math/fact.json',
    'math/unknown.json',
  ]);
  expect((await listCampaigns(db)).map(({ id }) => id)).toEqual(['math']);
  expect(await readJournalOf(db, 'math')).toEqual({
    events: [{ at: AT, kind: 'paused', details: { by: 'ada@lovelace' } }],
    skipped: [],
  });

  const notes: string[] = [];
  await (await openOrRebuildDatabase('memory:', store, (text) => notes.push(text))).close();
  expect(notes).toEqual([
    expect.stringMatching(/rebuilt from the store: 1 campaigns, 1 facts/),
    expect.stringMatching(/^3 journal entries are skipped: math\/cut\.json: .*; math\/unknown\.json: kind "dreamt"/),
  ]);
}, 300_000);

test('any text that JSON can hold goes through a rebuild', async () => {
  const texts = fc.sample(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\0', '\ud800', 'a\udc00b')), 200);
  for (const [index, text] of texts.entries())
    await plant(
      'texts',
      `${index}.json`,
      JSON.stringify({ at: AT, kind: 'paused', details: { by: `${index}${text}` } }),
    );
  const fact = {
    kind: 'campaign',
    id: 'texts',
    status: 'failed',
    at: AT,
    reason: 'a\0b\ud800',
    config: { '\0': '\0' },
  };
  await plant('texts', 'fact.json', JSON.stringify({ at: AT, kind: 'fact', details: { fact } }));
  const { skipped } = await rebuildDatabase(db, store);
  expect((skipped ?? []).filter(({ name }) => name.startsWith('texts/'))).toEqual([]);
  expect((await listCampaigns(db)).find(({ id }) => id === 'texts')).toMatchObject({ reason: 'a\uFFFDb\uFFFD' });
  expect((await readJournalOf(db, 'texts')).events).toHaveLength(texts.length);
}, 300_000);
