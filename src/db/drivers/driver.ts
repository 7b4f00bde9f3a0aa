/** The interface of database drivers: the differences between an embedded PostgreSQL and a server. */
import { fileURLToPath } from 'node:url';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** PostgreSQL over any driver: the only interface of readers and writers. */
export type Orm = PgDatabase<PgQueryResultHKT>;

/** Folder of the SQL migrations; a driver applies the missing ones while it opens. */
export const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));

/** Called with the ids of the campaigns whose rows changed. */
export type ChangeListener = (campaignIds: ReadonlySet<string>) => void;

export interface OpenedDatabase {
  /** Changes with `startOver`, so read this property for every query. */
  readonly orm: Orm;
  /** The last fill of the database was interrupted, so rows may be missing. */
  readonly isIncomplete: boolean;
  /**
   * Empties the database, also if it is unreadable, and fills it through the given connection. On a server that is a
   * transaction: others see the old rows until everything is there.
   */
  startOver<T>(fill: (orm: Orm) => Promise<T>): Promise<T>;
  /**
   * Tells other processes on this database which campaigns changed, once the transaction is committed. Absent where no
   * other process can have it open.
   */
  tellOthers?(transaction: Orm, campaignIds: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseDriver {
  /** Opens or creates the database and applies the missing migrations. `onChange` hears of changes by other processes. */
  open(location: string, onChange: ChangeListener): Promise<OpenedDatabase>;
  /** What doctor says of the database: reaches it and changes nothing. */
  describe(location: string): Promise<string>;
  /**
   * Moves a database that can't be opened to another place and returns that place; undefined where there is nothing to
   * move. Absent for a server, whose database an operator has to look at.
   */
  setAside?(location: string): Promise<string | undefined>;
}
