/** Opens the database when the control process starts, and rebuilds it from the store if necessary. */
import { count } from 'drizzle-orm';
import type { ArtifactStore } from '../artifacts/types.ts';
import { describeSkipped } from '../protocol/skipped-entries.ts';
import { rebuildDatabase } from './apply-journal.ts';
import { type Database, openDatabase, setDatabaseAside } from './database.ts';
import * as tables from './schema.ts';

/**
 * Opens the database at the location. A database that can't be opened is moved aside, if its driver supports that. It is
 * rebuilt from the store if it is empty but the store is not, or if its last fill was interrupted. `note` receives a
 * message for people about each of these actions.
 */
export async function openOrRebuildDatabase(
  location: string,
  store: ArtifactStore,
  note: (text: string) => void,
): Promise<Database> {
  const db = await openDatabase(location).catch(async (error: unknown) => {
    const aside = await setDatabaseAside(location);
    if (aside === undefined) throw error;
    note(`the database can't be opened (${error instanceof Error ? error.message : error}); it is now ${aside}`);
    return openDatabase(location);
  });
  const [facts] = await db.orm.select({ count: count() }).from(tables.facts);
  const isEmpty = (facts?.count ?? 0) === 0 && (await store.listJournals()).length > 0;
  if (!isEmpty && !db.isIncomplete) return db;
  const { campaigns, facts: applied, entries, skipped } = await rebuildDatabase(db, store);
  note(
    `the database was ${isEmpty ? 'empty' : 'incomplete'} and is rebuilt from the store: ${campaigns} campaigns, ${applied} facts, ${entries} notes`,
  );
  if (skipped !== undefined) note(describeSkipped(skipped));
  return db;
}
