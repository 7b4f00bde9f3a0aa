/** The embedded database: PGlite in one process, PostgreSQL's own dialect, so a server can take its place. */
import { mkdir } from 'node:fs/promises';
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
  close(): Promise<void>;
}

/**
 * Opens (or creates) the database in a folder and applies missing migrations; without a folder it lives in memory.
 * One process may hold a folder at a time: in Whencode that is the control process.
 */
export async function openDatabase(options: { readonly directory?: string }): Promise<Database> {
  if (options.directory !== undefined) await mkdir(options.directory, { recursive: true });
  const client = await PGlite.create(options.directory ?? 'memory://');
  const orm = drizzle({ client });
  await migrate(orm, { migrationsFolder: MIGRATIONS });
  const listeners = new Set<ChangeListener>();
  return {
    orm,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce(campaignIds) {
      for (const listener of listeners) listener(campaignIds);
    },
    close: () => client.close(),
  };
}
