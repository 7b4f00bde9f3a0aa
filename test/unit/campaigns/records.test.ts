import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore } from '../../../src/artifacts/types.ts';
import { type RecordsDeps, recordFacts, writeJournal } from '../../../src/campaigns/records.ts';
import type { Fact } from '../../../src/protocol/facts.ts';
import type { JournalNote } from '../../../src/protocol/journal.ts';
import { readEvents } from '../../support/journal.ts';

const AT = '2026-01-01T00:00:00.000Z';
const valid: Fact = { kind: 'campaign', id: 'math', status: 'running', at: AT };

let folder: string;
let store: ArtifactStore;
let received: number;
const receive = async (): Promise<void> => {
  received += 1;
};
const deps = (): RecordsDeps => ({
  store,
  database: { facts: receive, note: receive },
});
const written = async () => (await readdir(folder, { recursive: true })).filter((name) => name.includes('journals/'));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'records-'));
  store = await openStore(join(folder, 'store'));
  received = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Everything that could be sent as a time, but for times. */
const noTime = fc
  .oneof(
    fc.constantFrom(
      'no-time',
      '',
      '../../../../private/planted',
      '/etc/x',
      '2026-01-01',
      '2026-02-30T00:00:00.000Z',
      'Z',
    ),
    fc.constantFrom('+275760-09-13T00:00:00.000Z', '2026-01-01T00:00:00.000Z/../../x', '2026-01-01T24:00:00.000Z'),
    fc.string(),
    fc.jsonValue(),
  )
  .filter((value) => value !== AT);

describe('records', () => {
  it('of facts are written whole or not at all: one that is invalid leaves nothing', async () => {
    const invalid = fc.oneof(
      noTime.map((at) => ({ ...valid, at })),
      fc.constantFrom('../math', 'Math', '', 'a/b', '.', 'x'.repeat(500)).map((id) => ({ ...valid, id })),
      fc.constantFrom(
        { ...valid, status: 'owned' },
        { ...valid, kind: 'dreamt' },
        { ...valid, head: 'sha256:1' },
        {},
        null,
      ),
    );
    await fc.assert(
      fc.asyncProperty(invalid, async (fact) => {
        await expect(recordFacts(deps(), [valid, fact as Fact, valid])).rejects.toThrow();
        expect(await written()).toEqual([]);
        expect(received).toBe(0);
      }),
    );
    await recordFacts(deps(), [valid, { ...valid, status: 'completed' }]);
    expect(await readEvents(store, 'math')).toHaveLength(2);
  });

  it('of people have a time, or are not written', async () => {
    await fc.assert(
      fc.asyncProperty(noTime, async (at) => {
        const note = { campaignId: 'math', at, kind: 'paused', details: {} } as JournalNote;
        await expect(writeJournal(deps(), note)).rejects.toThrow();
        // Below the check of the entry the store itself takes no name that is not a time.
        await expect(store.appendJournal('math', { at: at as string, kind: 'paused', details: {} })).rejects.toThrow();
        expect(await written()).toEqual([]);
      }),
    );
  });
});
