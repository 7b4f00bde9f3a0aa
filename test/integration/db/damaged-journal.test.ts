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
import { describeEachDatabase } from '../../support/databases.ts';

describeEachDatabase((make) => {
  let folder: string;
  let store: ArtifactStore;
  let db: Database;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'damaged-journal-'));
    store = await openStore(join(folder, 'store'));
    db = await openDatabase(await make());
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
    await (await openOrRebuildDatabase(await make(), store, (text) => notes.push(text))).close();
    expect(notes).toEqual([
      expect.stringMatching(/rebuilt from the store: 1 campaigns, 1 facts/),
      expect.stringMatching(/^3 journal entries are skipped: math\/cut\.json: .*; math\/unknown\.json: kind "dreamt"/),
    ]);
  });

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
  });

  const fact = (change: object) => ({
    at: AT,
    kind: 'fact',
    details: { fact: { kind: 'campaign', id: 'hostile', status: 'running', at: AT, ...change } },
  });
  const deep = (depth: number): string =>
    JSON.stringify(fact({ config: 'DEEP' })).replace('"DEEP"', `${'['.repeat(depth)}${']'.repeat(depth)}`);

  test('what a hostile task may have left in the journal is skipped and named at every start, again and again', async () => {
    const hostile = {
      'no-time.json': JSON.stringify(fact({ at: 'no-time' })),
      'path.json': JSON.stringify(fact({ at: '../../../../private/planted' })),
      'nor-time.json': JSON.stringify({ ...fact({}), at: 'no-time' }),
      'year.json': JSON.stringify(fact({ at: '+275760-09-13T00:00:00.000Z' })),
      'february.json': JSON.stringify(fact({ at: '2026-02-30T00:00:00.000Z' })),
      'long-id.json': JSON.stringify(fact({ id: 'x'.repeat(5000) })),
      'no-id.json': JSON.stringify(fact({ id: '' })),
      'deep.json': deep(100_000),
      'null.json': 'null',
      'many.json': JSON.stringify([fact({})]),
      'status.json': JSON.stringify(fact({ status: 'owned' })),
      'count.json': JSON.stringify(fact({ iterationsPlanned: 1e10 })),
      'prototype.json':
        '{"at":"2026-01-01T00:00:00.000Z","kind":"fact","details":{"fact":{"__proto__":{"kind":"campaign"}}}}',
      '.hidden.json': '{}',
    };
    for (const [name, text] of Object.entries(hostile)) await plant('hostile', name, text);
    await store.appendJournal('hostile', running('hostile'));
    await store.appendJournal('hostile', { at: AT, kind: 'paused', details: { by: 'ada@lovelace' } });
    const ours = ({ skipped = [] }: { skipped?: readonly { name: string }[] }) =>
      skipped.map(({ name }) => name).filter((name) => name.startsWith('hostile/'));
    for (let start = 0; start < 2; start += 1) {
      const rebuilt = await rebuildDatabase(db, store);
      expect(ours(rebuilt).sort()).toEqual(
        Object.keys(hostile)
          .map((name) => `hostile/${name}`)
          .sort(),
      );
      expect((await listCampaigns(db)).filter(({ id }) => id === 'hostile')).toMatchObject([{ status: 'running' }]);
      expect((await readJournalOf(db, 'hostile')).events).toHaveLength(1);
    }
  });
});
