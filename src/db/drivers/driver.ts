/** The seam under the database: what differs between an embedded PostgreSQL and a server. */
import { fileURLToPath } from 'node:url';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** PostgreSQL's dialect over any driver: readers and writers know no more than this. */
export type Orm = PgDatabase<PgQueryResultHKT>;

/** Folder of the SQL migrations; a driver applies the missing ones while it opens. */
export const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));

export interface OpenedDatabase {
  /** Another object after `startOver`, so take it afresh for every query. */
  readonly orm: Orm;
  /** The process that filled the database last was cut off: something may be missing. */
  readonly isIncomplete: boolean;
  /** Replaces the database by an empty one, also where this one can't be read any more, and fills it. */
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
