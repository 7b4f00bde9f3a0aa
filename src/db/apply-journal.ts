/** Applies the store's journal to the database, and rebuilds the database from it. */
import { createHash } from 'node:crypto';
import { and, asc, count, eq } from 'drizzle-orm';
import type { ArtifactStore } from '../artifacts/types.ts';
import { canonicalJson } from '../formats/canonical-json.ts';
import { type DecodedJournal, decodeJournal, ifAny } from '../protocol/decode-journal.ts';
import type { JournalEvent } from '../protocol/journal.ts';
import type { SkippedEntry } from '../protocol/skipped-entries.ts';
import type { Tracker } from '../tracking/tracker.ts';
import { applyFacts } from './apply-facts.ts';
import type { Database } from './database.ts';
import * as tables from './schema.ts';
import { storableJson } from './storable-json.ts';

/** Stores entries of a campaign's journal: facts are folded, other entries are kept unchanged. Idempotent, in any order. */
async function applyJournal(
  db: Database,
  campaignId: string,
  events: readonly JournalEvent[],
): Promise<{ readonly facts: number; readonly entries: number }> {
  const facts = events.flatMap((event) => (event.kind === 'fact' ? [event.details.fact] : []));
  const rows = events
    .filter(({ kind }) => kind !== 'fact')
    .map(({ at, kind, details }) => {
      const digest = createHash('sha256').update(canonicalJson({ campaignId, at, kind, details })).digest('hex');
      return { digest, campaignId, at: new Date(at), kind, details: storableJson(details) };
    });
  await applyFacts(db, facts);
  if (rows.length > 0) await db.orm.insert(tables.journal).values(rows).onConflictDoNothing();
  return { facts: facts.length, entries: rows.length };
}

/** Oldest first; only entries of the kind if one is given. */
export async function readJournalOf(
  db: Database,
  campaignId: string,
  kind?: JournalEvent['kind'],
): Promise<DecodedJournal> {
  const { journal } = tables;
  const rows = await db.orm
    .select()
    .from(journal)
    .where(and(eq(journal.campaignId, campaignId), kind === undefined ? undefined : eq(journal.kind, kind)))
    .orderBy(asc(journal.at), journal.digest);
  const entries = rows.map(({ digest, at, kind, details }) => ({
    name: digest,
    text: JSON.stringify({ at: at.toISOString(), kind, details }),
  }));
  return decodeJournal(campaignId, entries);
}

/** The database as a tracker: pages and API read from it. */
export const databaseTracker = (db: Database) =>
  ({
    name: 'database',
    facts: (facts) => applyFacts(db, facts),
    note: async (campaignId, event) => void (await applyJournal(db, campaignId, [event])),
  }) satisfies Tracker;

/** Rows per transaction: limited by the parameters of one statement, and short enough for others to run in between. */
const BATCH = 500;

export interface RebuiltDatabase {
  readonly campaigns: number;
  readonly facts: number;
  readonly entries: number;
  /** Absent if every entry could be read. */
  readonly skipped?: readonly SkippedEntry[];
}

/**
 * Empties the database and fills it from the store's journals. Entries that are recorded meanwhile are not lost: they are
 * written to the journal first and then to the emptied database, and applying an entry twice changes nothing.
 */
export function rebuildDatabase(db: Database, store: ArtifactStore): Promise<RebuiltDatabase> {
  return db.startOver(async () => {
    let [facts, entries] = [0, 0];
    const skipped: SkippedEntry[] = [];
    for (const id of await store.listJournals()) {
      const journal = decodeJournal(id, await store.readJournal(id));
      skipped.push(...journal.skipped);
      for (let from = 0; from < journal.events.length; from += BATCH) {
        const applied = await applyJournal(db, id, journal.events.slice(from, from + BATCH));
        facts += applied.facts;
        entries += applied.entries;
      }
    }
    const [campaigns] = await db.orm.select({ count: count() }).from(tables.campaigns);
    return { campaigns: campaigns?.count ?? 0, facts, entries, ...ifAny(skipped) };
  });
}
