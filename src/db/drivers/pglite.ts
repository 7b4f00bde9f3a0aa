/** PostgreSQL embedded in this process (PGlite), in a folder or in memory. One process may hold a folder at a time. */
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { type DatabaseDriver, MIGRATIONS, type OpenedDatabase } from './driver.ts';

/** Limits the wait for closing: a database whose files were deleted may never close. */
const CLOSE_LIMIT_MS = 5000;

export const pgliteDriver: DatabaseDriver = {
  open: (location) => openPglite(folderOf(location)),
  describe: async (location) => `embedded, ${folderOf(location) ?? 'in memory'}`,
  async setAside(location) {
    const directory = folderOf(location);
    if (directory === undefined) return undefined;
    const aside = `${directory}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
    await rename(directory, aside);
    return aside;
  },
};

/** Undefined: in memory. */
function folderOf(location: string): string | undefined {
  if (location === 'memory:') return undefined;
  return location.startsWith('file:') ? fileURLToPath(location) : location;
}

async function openPglite(directory: string | undefined): Promise<OpenedDatabase> {
  // This file exists while the database is filled.
  const mark = directory === undefined ? undefined : `${directory}.incomplete`;
  const isIncomplete = mark !== undefined && (await stat(mark).catch(() => undefined)) !== undefined;
  let open = await openClient(directory);
  let fillings: Promise<unknown> = Promise.resolve();
  const empty = async (): Promise<void> => {
    await Promise.race([open.client.close(), sleep(CLOSE_LIMIT_MS)]).catch(() => undefined);
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
    open = await openClient(directory);
  };
  return {
    get orm() {
      return open.orm;
    },
    isIncomplete,
    startOver(fill) {
      // Serialised: a second call would close the database that the first one fills.
      const filling = fillings.then(async () => {
        if (mark !== undefined) await writeFile(mark, '');
        await empty();
        const filled = await fill(open.orm);
        if (mark !== undefined) await rm(mark, { force: true });
        return filled;
      });
      fillings = filling.catch(() => undefined);
      return filling;
    },
    close: () => open.client.close(),
  };
}

async function openClient(directory: string | undefined) {
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  const client = await PGlite.create(directory ?? 'memory://');
  const orm = drizzle({ client });
  await migrate(orm, { migrationsFolder: MIGRATIONS });
  return { client, orm };
}
