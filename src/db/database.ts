/** The database of the control process: PostgreSQL by one of several drivers, and the listeners to its changes. */
import type { DatabaseDriver, OpenedDatabase } from './drivers/driver.ts';
import { pgliteDriver } from './drivers/pglite.ts';

/** Called after facts were committed, with the ids of the campaigns they touch. */
export type ChangeListener = (campaignIds: ReadonlySet<string>) => void;

export interface Database extends OpenedDatabase {
  /** Returns the function that ends the subscription. */
  onChange(listener: ChangeListener): () => void;
  /** For `applyFacts`: calls every listener. */
  announce(campaignIds: ReadonlySet<string>): void;
}

/** Drivers by the scheme of a location; a path is a `file:`. A new driver is a file and a line here. */
const DRIVERS: Readonly<Record<string, DatabaseDriver>> = {
  'file:': pgliteDriver,
  'memory:': pgliteDriver,
};

/**
 * Opens (or creates) a database and applies missing migrations.
 *
 * @param location path or `file:` URL of a folder (one process at a time), or `memory:`
 * @throws Error for an unknown kind of location, or what the driver throws where the database can't be opened
 * @example const db = await openDatabase('memory:');
 */
export async function openDatabase(location: string): Promise<Database> {
  const opened = await driverOf(location).open(location);
  const listeners = new Set<ChangeListener>();
  return {
    get orm() {
      return opened.orm;
    },
    isIncomplete: opened.isIncomplete,
    startOver: opened.startOver,
    close: opened.close,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce(campaignIds) {
      for (const listener of listeners) listener(campaignIds);
    },
  };
}

/** Moves a database that can't be opened to another place; undefined if the driver does not move it. */
export async function setDatabaseAside(location: string): Promise<string | undefined> {
  return driverOf(location).setAside?.(location);
}

function driverOf(location: string): DatabaseDriver {
  const scheme = /^[a-z][a-z0-9+.-]+:/.exec(location)?.[0] ?? 'file:';
  const driver = DRIVERS[scheme];
  if (driver !== undefined) return driver;
  // The message leaves out the rest of the location, which may hold a password.
  throw new Error(
    `a database at ${scheme} can't be opened; allowed are the path of a folder and ${Object.keys(DRIVERS).join(', ')}`,
  );
}
