/** The database at the start of the control process: as it was, or rebuilt from the store. */
import { count } from 'drizzle-orm';
import type { ArtifactStore } from '../artifacts/types.ts';
import { describeSkipped } from '../protocol/decode-journal.ts';
import { rebuildDatabase } from './apply-journal.ts';
import { type Database, openDatabase, setDatabaseAside } from './database.ts';
import * as tables from './schema.ts';

/**
 * Opens the database at the location. One that can't be opened is set aside, where its driver does that. One that is
 * empty although the store is not, or that was not filled to the end, is filled from the store. `note` says what was done.
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
  const { campaigns, facts: told, entries, skipped } = await rebuildDatabase(db, store);
  note(
    `the database was ${isEmpty ? 'empty' : 'incomplete'} and is rebuilt from the store: ${campaigns} campaigns, ${told} facts, ${entries} notes`,
  );
  if (skipped !== undefined) note(describeSkipped(skipped));
  return db;
}
