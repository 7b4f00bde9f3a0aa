import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore, Digest } from '../../../src/artifacts/types.ts';
import { readRecovery } from '../../../src/campaigns/recovery.ts';
import { canonicalJson } from '../../../src/formats/canonical-json.ts';
import type { JournalEvent } from '../../../src/protocol/journal.ts';

let folder: string;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recovery-'));
  store = await openStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const hex = (digit: string): Digest => `sha256:${digit.repeat(64)}`;
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const put = async (value: unknown): Promise<Digest> => (await store.putBlob(Buffer.from(canonicalJson(value)))).digest;
const write = (event: JournalEvent) => store.appendJournal('math', event);
const stateAfter = (iterationsDone: number, config: Digest) => ({
  config,
  problems: hex('2'),
  base: hex('3'),
  head: hex('4'),
  isStartEvaluated: true,
  iterationsDone,
  iterationsPlanned: 5,
  cursor: 32 * iterationsDone,
});

it('goes on from the newest state with everything that was requested since', async () => {
  const [before, after] = [await put({ alpha: 2 }), await put({ alpha: 4 })];
  await write({ at: at(1), kind: 'state', details: stateAfter(1, before) });
  await write({ at: at(2), kind: 'paused', details: { by: 'ada', updateId: 'pause' } });
  await write({
    at: at(3),
    kind: 'settings-changed',
    details: {
      updateId: 'set',
      fromIteration: 3,
      changes: [],
      config: after,
      configNow: before,
      when: 'next-iteration',
    },
  });
  await write({ at: at(4), kind: 'extended', details: { updateId: 'more', iterations: 2, iterationsPlanned: 7 } });
  await write({ at: at(5), kind: 'failures-accepted', details: { what: 'iteration 2' } });
  await write({ at: at(6), kind: 'stop-requested', details: { when: 'after-iteration' } });
  expect(await readRecovery(store, 'math')).toEqual({
    input: {
      campaignId: 'math',
      config: { alpha: 2 },
      state: stateAfter(1, before),
      nextConfig: { config: { alpha: 4 }, digest: after },
      accepted: 'iteration 2',
      iterationsPlanned: 7,
      paused: true,
      stopsAfterIteration: true,
      seenRequests: ['pause', 'set', 'more'],
    },
    skipped: [],
  });
});

it('takes a pause and a stop back where the campaign was started again', async () => {
  await write({ at: at(1), kind: 'state', details: stateAfter(1, await put({})) });
  await write({ at: at(2), kind: 'paused', details: {} });
  await write({ at: at(3), kind: 'stop-requested', details: { when: 'now' } });
  await write({ at: at(4), kind: 'extended', details: { iterations: 1, iterationsPlanned: 6, restarts: true } });
  const { input } = await readRecovery(store, 'math');
  expect(input).toMatchObject({ paused: false, stopsAfterIteration: false, iterationsPlanned: 6 });
});

it('goes on from the state before a damaged one, and names the damaged one', async () => {
  const config = await put({});
  await write({ at: at(1), kind: 'state', details: stateAfter(1, config) });
  await write({ at: at(2), kind: 'state', details: stateAfter(2, config) });
  const journal = join(folder, 'journals', 'math');
  const newest = (await readdir(journal)).sort().at(-1) ?? '';
  await rm(join(journal, newest));
  await writeFile(join(journal, newest), '{"at":"2026-01-0');
  const { input, skipped } = await readRecovery(store, 'math');
  expect(input?.state).toEqual(stateAfter(1, config));
  expect(skipped).toEqual([{ name: `math/${newest}`, reason: expect.stringContaining('JSON') }]);
});

it('has nothing to go on from where the journal has no configuration, and refuses one that is none', async () => {
  expect(await readRecovery(store, 'math')).toEqual({ input: undefined, skipped: [] });
  const fact = { kind: 'campaign', id: 'math', status: 'running', at: at(1), config: { iterations: 'many' } } as const;
  await write({ at: at(1), kind: 'fact', details: { fact } });
  await expect(readRecovery(store, 'math')).rejects.toThrow(
    /^the configuration in the journal of campaign "math" is none of this version: /,
  );
});
