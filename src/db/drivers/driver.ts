/** The interface of database drivers: the differences between an embedded PostgreSQL and a server. */
import { fileURLToPath } from 'node:url';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** PostgreSQL over any driver: the only interface of readers and writers. */
export type Orm = PgDatabase<PgQueryResultHKT>;

/** Folder of the SQL migrations; a driver applies the missing ones while it opens. */
export const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));

export interface OpenedDatabase {
  /** Changes with `startOver`, so read this property for every query. */
  readonly orm: Orm;
  /** The last fill of the database was interrupted, so rows may be missing. */
  readonly isIncomplete: boolean;
  /** Replaces the database by an empty one, also if it is unreadable, and fills it. */
  startOver<T>(fill: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseDriver {
  /** Opens or creates the database and applies the missing migrations. */
  open(location: string): Promise<OpenedDatabase>;
  /**
   * Moves a database that can't be opened to another place and returns that place; undefined where there is nothing to
   * move. Absent for a server, whose database an operator has to look at.
   */
  setAside?(location: string): Promise<string | undefined>;
}
