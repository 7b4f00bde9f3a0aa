/** The journal of the store in the database, and the database from it. */
import { createHash } from 'node:crypto';
import { asc, count, eq } from 'drizzle-orm';
import type { ArtifactStore, JournalEntry } from '../artifacts/types.ts';
import { canonicalJson } from '../formats/canonical-json.ts';
import type { Fact } from '../protocol/facts.ts';
import { applyFacts } from './apply-facts.ts';
import type { Database } from './database.ts';
import * as tables from './schema.ts';

/** Stores entries of a campaign's journal: facts are folded, the rest is kept as it is. Safe to repeat, in any order. */
async function applyJournal(
  db: Database,
  campaignId: string,
  entries: readonly JournalEntry[],
): Promise<{ readonly facts: number; readonly entries: number }> {
  const facts = entries.flatMap(({ kind, details }) => (kind === 'fact' ? [details.fact as Fact] : []));
  const rows = entries
    .filter(({ kind }) => kind !== 'fact')
    .map(({ at, kind, details }) => {
      const digest = createHash('sha256').update(canonicalJson({ campaignId, at, kind, details })).digest('hex');
      return { digest, campaignId, at: new Date(at), kind, details };
    });
  await applyFacts(db, facts);
  if (rows.length > 0) await db.orm.insert(tables.journal).values(rows).onConflictDoNothing();
  return { facts: facts.length, entries: rows.length };
}

/** Oldest first; times as ISO strings. */
export async function readJournalOf(db: Database, campaignId: string): Promise<JournalEntry[]> {
  const { journal } = tables;
  const rows = await db.orm
    .select()
    .from(journal)
    .where(eq(journal.campaignId, campaignId))
    .orderBy(asc(journal.at), journal.digest);
  return rows.map(({ at, kind, details }) => ({ at: at.toISOString(), kind, details }));
}

/** What records are told to, beside the journal: this database. */
export const recordsInto = (db: Database) => ({
  applyFacts: (facts: readonly Fact[]) => applyFacts(db, facts),
  applyNote: async (campaignId: string, entry: JournalEntry) => void (await applyJournal(db, campaignId, [entry])),
});

/** Few enough for the parameters of one statement, and short enough that others get in between. */
const BATCH = 500;

export interface RebuiltDatabase {
  readonly campaigns: number;
  readonly facts: number;
  readonly entries: number;
}

/**
 * Empties the database and fills it from the store's journals. What is told meanwhile is not lost: it goes to the
 * journal first and to the emptied database then, and telling twice changes nothing.
 */
export function rebuildDatabase(db: Database, store: ArtifactStore): Promise<RebuiltDatabase> {
  return db.startOver(async () => {
    let [facts, entries] = [0, 0];
    for (const id of await store.listJournals()) {
      const journal = await store.readJournal(id);
      for (let from = 0; from < journal.length; from += BATCH) {
        const applied = await applyJournal(db, id, journal.slice(from, from + BATCH));
        facts += applied.facts;
        entries += applied.entries;
      }
    }
    const [campaigns] = await db.orm.select({ count: count() }).from(tables.campaigns);
    return { campaigns: campaigns?.count ?? 0, facts, entries };
  });
}
