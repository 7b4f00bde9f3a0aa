/** The database of the control process: PostgreSQL by one of several drivers, and the listeners to its changes. */
import { DatabaseError } from './database-error.ts';
import type { ChangeListener, DatabaseDriver, OpenedDatabase } from './drivers/driver.ts';
import { pgliteDriver } from './drivers/pglite.ts';
import { postgresDriver } from './drivers/postgres.ts';

export interface Database extends OpenedDatabase {
  /** Calls the listener after facts were committed, by any process. Returns the function that ends the subscription. */
  onChange(listener: ChangeListener): () => void;
  /** For writers, after a commit: calls every listener of this process. */
  announce: ChangeListener;
}

/** Drivers by the scheme of a location; a path is a `file:`. A new driver is a file and a line here. */
const DRIVERS: Readonly<Record<string, DatabaseDriver>> = {
  'file:': pgliteDriver,
  'memory:': pgliteDriver,
  'postgres:': postgresDriver,
  'postgresql:': postgresDriver,
};

/**
 * Opens (or creates) a database and applies missing migrations.
 *
 * @param location path or `file:` URL of a folder (one process at a time), `memory:`, or `postgres:` URL of a server
 * @throws DatabaseError for an unknown kind of location, and for a server that can't be used
 * @example const db = await openDatabase('postgres://whencode:secret@db.internal:5432/whencode');
 */
export async function openDatabase(location: string): Promise<Database> {
  const listeners = new Set<ChangeListener>();
  const announce: ChangeListener = (campaignIds) => {
    for (const listener of listeners) listener(campaignIds);
  };
  const opened = await driverOf(location).open(location, announce);
  const { isIncomplete, startOver, tellOthers, close } = opened;
  return {
    get orm() {
      return opened.orm;
    },
    isIncomplete,
    startOver,
    close,
    ...(tellOthers === undefined ? {} : { tellOthers }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce,
  };
}

/** Moves a database that can't be opened to another place; undefined if the driver does not move it. */
export async function setDatabaseAside(location: string): Promise<string | undefined> {
  return driverOf(location).setAside?.(location);
}

/** What the database is, in words; nothing is changed. @throws DatabaseError as `openDatabase` */
export const describeDatabase = async (location: string): Promise<string> => driverOf(location).describe(location);

function driverOf(location: string): DatabaseDriver {
  const scheme = /^[a-z][a-z0-9+.-]+:/.exec(location)?.[0] ?? 'file:';
  const driver = DRIVERS[scheme];
  if (driver !== undefined) return driver;
  // The message leaves out the rest of the location, which may hold a password.
  throw new DatabaseError(
    `a database at ${scheme} can't be opened; allowed are the path of a folder and ${Object.keys(DRIVERS).join(', ')}`,
  );
}
