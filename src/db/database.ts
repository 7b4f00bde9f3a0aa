/** The embedded database: PGlite in one process, PostgreSQL's own dialect, so a server can take its place. */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { drizzle, type PgliteDatabase } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

/** Called after facts were committed, with the ids of the campaigns they touch. */
export type ChangeListener = (campaignIds: ReadonlySet<string>) => void;

export interface Database {
  readonly orm: PgliteDatabase;
  /** Returns the function that ends the subscription. */
  onChange(listener: ChangeListener): () => void;
  /** For `applyFacts`: tells every listener. */
  announce(campaignIds: ReadonlySet<string>): void;
  /** The process that filled it last was cut off: something may be missing. */
  readonly isIncomplete: boolean;
  /** Puts an empty database in the place of this one, also where this one can't be read any more, and fills it. */
  startOver<T>(fill: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Nobody should wait for ever for the end of a database whose files are gone. */
const CLOSE_LIMIT_MS = 5000;

/**
 * Opens (or creates) the database in a folder and applies missing migrations; without a folder it lives in memory.
 * One process may hold a folder at a time: in Whencode that is the control process.
 */
export async function openDatabase(options: { readonly directory?: string }): Promise<Database> {
  const { directory } = options;
  const mark = directory === undefined ? undefined : `${directory}.incomplete`;
  const isIncomplete = mark !== undefined && (await stat(mark).catch(() => undefined)) !== undefined;
  let open = await openClient(directory);
  let fillings: Promise<unknown> = Promise.resolve();
  const listeners = new Set<ChangeListener>();
  const empty = async (): Promise<void> => {
    await Promise.race([open.client.close(), sleep(CLOSE_LIMIT_MS)]).catch(() => undefined);
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
    open = await openClient(directory);
  };
  return {
    get orm() {
      return open.orm;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce(campaignIds) {
      for (const listener of listeners) listener(campaignIds);
    },
    isIncomplete,
    startOver(fill) {
      // One after the other: a second one would close the database that the first fills.
      const filling = fillings.then(async () => {
        if (mark !== undefined) await writeFile(mark, '');
        await empty();
        const filled = await fill();
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
