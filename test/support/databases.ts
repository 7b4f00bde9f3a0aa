/** The kinds of database that the tests of `src/db` run on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { findPostgres } from '../../infra/setup/postgresql.mjs';
import { PASSWORD, type RunningServer, startPostgres } from './postgres-server.ts';

/** Runs the tests on each kind. `make` makes a new empty database and returns its location. */
export function describeEachDatabase(tests: (make: () => Promise<string>) => void): void {
  describe('in PGlite', () => {
    let folder: string;
    let count = 0;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'whencode-db-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));
    tests(async () => {
      count += 1;
      return join(folder, `database-${count}`);
    });
  });
  describeOnServer('on a PostgreSQL server', ({ make }) => tests(make));
}

const PROGRAMS = await findPostgres();

export interface ServerUnderTest {
  /** Makes an empty database and returns its URL. */
  readonly make: () => Promise<string>;
  readonly password: string;
}

/** Starts a server of its own for the tests; skips them where PostgreSQL is not installed. */
export function describeOnServer(name: string, tests: (server: ServerUnderTest) => void): void {
  const title = PROGRAMS === undefined ? `${name} (needs PostgreSQL: node infra/setup.mjs --test)` : name;
  describe.skipIf(PROGRAMS === undefined)(title, () => {
    let server: RunningServer;
    let count = 0;
    beforeAll(async () => {
      server = await startPostgres(PROGRAMS ?? '');
    });
    afterAll(() => server.stop());
    const make = async (): Promise<string> => {
      count += 1;
      await server.execute(`create database test${count}`);
      return server.url(`test${count}`);
    };
    tests({ make, password: PASSWORD });
  });
}
