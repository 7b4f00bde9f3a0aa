/** The database at the start of the control process: as it was, or filled anew from the store. */
import { rename } from 'node:fs/promises';
import { count } from 'drizzle-orm';
import type { ArtifactStore } from '../artifacts/types.ts';
import { rebuildDatabase } from './apply-journal.ts';
import { type Database, openDatabase } from './database.ts';
import * as tables from './schema.ts';

/**
 * Opens the database of the folder. One that can't be opened is moved aside; one that is empty beside a store that is
 * not, or that was not filled to the end, is filled from it. What was done is noted.
 */
export async function openOrRebuildDatabase(
  directory: string,
  store: ArtifactStore,
  note: (text: string) => void,
): Promise<Database> {
  const db = await openDatabase({ directory }).catch(async (error: unknown) => {
    const aside = `${directory}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
    await rename(directory, aside);
    note(`the database can't be opened (${error instanceof Error ? error.message : error}); it is now ${aside}`);
    return openDatabase({ directory });
  });
  const [facts] = await db.orm.select({ count: count() }).from(tables.facts);
  const isEmpty = (facts?.count ?? 0) === 0 && (await store.listJournals()).length > 0;
  if (!isEmpty && !db.isIncomplete) return db;
  const { campaigns, facts: told, entries } = await rebuildDatabase(db, store);
  note(
    `the database was ${isEmpty ? 'empty' : 'incomplete'} and is rebuilt from the store: ${campaigns} campaigns, ${told} facts, ${entries} notes`,
  );
  return db;
}
