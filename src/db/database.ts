/** The embedded database: PGlite in one process, PostgreSQL's own dialect, so a server can take its place. */
import { mkdir, rm } from 'node:fs/promises';
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
  /** Puts an empty database in the place of this one, also where this one can't be read any more. */
  startOver(): Promise<void>;
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
  let open = await openClient(directory);
  const listeners = new Set<ChangeListener>();
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
    async startOver() {
      const { client } = open;
      await Promise.race([client.close(), sleep(CLOSE_LIMIT_MS)]).catch(() => undefined);
      if (directory !== undefined) await rm(directory, { recursive: true, force: true });
      open = await openClient(directory);
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
