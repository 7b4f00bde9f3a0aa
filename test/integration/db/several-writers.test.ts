/** Several control processes on one database: no fact is lost, and each hears what the others do. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { ArtifactStore } from '../../../src/artifacts/types.ts';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { rebuildDatabase } from '../../../src/db/apply-journal.ts';
import { checkDatabase } from '../../../src/db/check-database.ts';
import { type Database, openDatabase } from '../../../src/db/database.ts';
import { openOrRebuildDatabase } from '../../../src/db/open-or-rebuild.ts';
import { listCampaigns, readCampaign } from '../../../src/db/read-campaigns.ts';
import type { Fact } from '../../../src/protocol/facts.ts';
import { describeOnServer } from '../../support/databases.ts';
import { storyOf, WRITERS, writtenBy } from './story.ts';

const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url));
const AT = '2026-01-01T00:00:00.000Z';
const running = (id: string): Fact => ({ kind: 'campaign', id, status: 'running', at: AT });

describeOnServer('a PostgreSQL server', ({ make, password }) => {
  test('facts of one campaign that several writers tell at once are all in its row', async () => {
    const location = await make();
    const writers = await Promise.all(Array.from({ length: WRITERS }, () => openDatabase(location)));
    const alone = await openDatabase('memory:');
    for (let round = 0; round < 10; round += 1) {
      const id = `race-${round}`;
      await Promise.all(
        writers.map(async (db, writer) => {
          for (const fact of writtenBy(writer, storyOf(id))) await applyFacts(db, [fact]);
        }),
      );
      await applyFacts(alone, storyOf(id));
      expect(await readCampaign(writers[0] as Database, id)).toEqual(await readCampaign(alone, id));
    }
    await Promise.all([...writers, alone].map((db) => db.close()));
  });

  test('processes that open a new database at once each find every table, and lose no fact', async () => {
    const location = await make();
    const processes = Array.from({ length: WRITERS }, (_, writer) => {
      const child = spawn(process.execPath, ['--import', 'tsx', WRITER, location, `${writer}`]);
      return Promise.all([text(child.stderr), new Promise((ended) => child.once('exit', ended))]);
    });
    expect(await Promise.all(processes)).toEqual(processes.map(() => ['', 0]));
    const [db, alone] = await Promise.all([openDatabase(location), openDatabase('memory:')]);
    for (const id of ['one', 'two', 'three']) {
      await applyFacts(alone, storyOf(id));
      expect(await readCampaign(db, id)).toEqual(await readCampaign(alone, id));
    }
    await Promise.all([db.close(), alone.close()]);
  });

  test('doctor names the server, and changes nothing', async () => {
    const location = await make();
    const detail = expect.stringMatching(/^PostgreSQL \d+.*, postgres:\/\/whencode@127\.0\.0\.1:\d+\/test\d+$/);
    expect(await checkDatabase(location)).toEqual({ status: 'ok', detail });
    const db = await openDatabase(location);
    expect(await listCampaigns(db)).toEqual([]);
    await db.close();
  });

  test('a process hears which campaigns another one changed, and its own once', async () => {
    const location = await make();
    const [here, there] = await Promise.all([openDatabase(location), openDatabase(location)]);
    const heard = { here: [] as string[], there: [] as string[] };
    here.onChange((ids) => heard.here.push(...ids));
    there.onChange((ids) => heard.there.push(...ids));
    const many = Array.from({ length: 600 }, (_, index) => `campaign-of-a-rather-long-name-${index}`);
    await applyFacts(here, many.map(running));
    await applyFacts(here, [running('last')]);
    await until(() => heard.there.includes('last'));
    expect(heard.there.sort()).toEqual([...many, 'last'].sort());
    expect(heard.here.sort()).toEqual([...many, 'last'].sort());
    await Promise.all([here.close(), there.close()]);
  });

  test('a process whose connections were cut goes on, and hears of every campaign: it may have missed some', async () => {
    const location = await make();
    const [here, there] = await Promise.all([openDatabase(location), openDatabase(location)]);
    await applyFacts(here, [running('before')]);
    const heard: string[] = [];
    there.onChange((ids) => heard.push(...ids));
    const others = sql`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()`;
    await here.orm.execute(others);
    await until(() => heard.includes('before'));
    await until(async () => {
      await applyFacts(here, [running('after')]).catch(() => undefined);
      return heard.includes('after');
    });
    expect((await listCampaigns(there)).map(({ id }) => id)).toEqual(['after', 'before']);
    await Promise.all([here.close(), there.close()]);
  });

  test('a connection that is cut within a transaction fails that transaction, and the process goes on', async () => {
    const location = await make();
    const [here, there] = await Promise.all([openDatabase(location), openDatabase(location)]);
    const cut = here.orm.transaction(async (transaction) => {
      const { rows } = (await transaction.execute(sql`select pg_backend_pid() as pid`)) as { rows: { pid: number }[] };
      await there.orm.execute(sql`select pg_terminate_backend(${rows[0]?.pid})`);
      await sleep(300);
      await transaction.execute(sql`select 1`);
    });
    await expect(cut).rejects.toThrow();
    await applyFacts(here, [running('after')]);
    expect((await listCampaigns(there)).map(({ id }) => id)).toEqual(['after']);
    await Promise.all([here.close(), there.close()]);
  });

  test.each(['', 'no JSON', '{}', '{"from":1,"campaignIds":"all"}', 'null'])(
    'a notification of another program is passed over: %s',
    async (payload) => {
      const location = await make();
      const [here, there] = await Promise.all([openDatabase(location), openDatabase(location)]);
      const heard: string[] = [];
      there.onChange((ids) => heard.push(...ids));
      await here.orm.execute(sql`select pg_notify('whencode_changes', ${payload})`);
      await applyFacts(here, [running('after')]);
      await until(() => heard.includes('after'));
      expect(heard).toEqual(['after']);
      await Promise.all([here.close(), there.close()]);
    },
  );

  const journalOf = (ids: readonly string[], during: () => Promise<void>) =>
    ({
      listJournals: async () => [...ids],
      readJournal: async (id: string) => {
        await during();
        return [{ name: id, text: JSON.stringify({ at: AT, kind: 'fact', details: { fact: running(id) } }) }];
      },
    }) as unknown as ArtifactStore;

  test('others read the old rows until a rebuild is done, and a fact that they tell meanwhile is kept', async () => {
    const location = await make();
    const [here, there] = await Promise.all([openDatabase(location), openDatabase(location)]);
    await applyFacts(here, [running('not-in-the-store')]);
    const seen: string[] = [];
    let told: Promise<void> = Promise.resolve();
    const store = journalOf(['one', 'two'], async () => {
      if (seen.length === 0) told = applyFacts(there, [running('meanwhile')]);
      seen.push(...(await listCampaigns(there)).map(({ id }) => id));
    });
    expect(await rebuildDatabase(here, store)).toMatchObject({ campaigns: 2, facts: 2 });
    await told;
    expect(seen).toEqual(['not-in-the-store', 'not-in-the-store']);
    expect((await listCampaigns(there)).map(({ id }) => id)).toEqual(['meanwhile', 'one', 'two']);

    const cut = journalOf(['three', 'four'], async () => {
      throw new Error('cut off');
    });
    await expect(rebuildDatabase(here, cut)).rejects.toThrow('cut off');
    expect((await listCampaigns(there)).map(({ id }) => id)).toEqual(['meanwhile', 'one', 'two']);
    await Promise.all([here.close(), there.close()]);
  });

  test.each([
    [
      'a wrong password',
      (url: URL) => (url.password = 'another-secret'),
      /password authentication failed.*correct user and password/,
    ],
    [
      'a database that is not there',
      (url: URL) => (url.pathname = '/nowhere'),
      /"nowhere" does not exist; create the database/,
    ],
    ['a server that is not there', (url: URL) => (url.port = '1'), /ECONNREFUSED.*start the server/],
    [
      'a host that is not there',
      (url: URL) => (url.hostname = 'nowhere.invalid'),
      /nowhere\.invalid.*correct the host/,
    ],
  ])('says what to do about %s, does not show the password, and moves nothing', async (_what, change, message) => {
    const url = new URL(await make());
    url.searchParams.set('application_name', 'also-not-shown');
    change(url);
    const opening = openOrRebuildDatabase(url.href, {} as ArtifactStore, () => undefined);
    const error: unknown = await opening.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'DatabaseError', message: expect.stringMatching(message) });
    expect(await checkDatabase(url.href)).toEqual({ status: 'fail', detail: (error as Error).message });
    for (const secret of [password, 'another-secret', 'also-not-shown'])
      expect(`${(error as Error).stack}`).not.toContain(secret);
  });
});

test.each([
  'postgres://ada:p@ss/word@host/math',
  'postgres://ada:1/word@host/math',
  'postgres://ada:p#word@host:x/math',
])('a location that is no URL because of its password is refused without its text: %s', async (location) => {
  await expect(openDatabase(location)).rejects.toThrow(
    /^the database postgres:… can't be opened: it is not a URL; compare the URL with postgres:.*in a password # /,
  );
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50);
}
