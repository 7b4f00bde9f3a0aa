/** Applies the store's journal to the database, and rebuilds the database from it. */
import { createHash } from 'node:crypto';
import { and, asc, eq } from 'drizzle-orm';
import type { ArtifactStore, StoredEntry } from '../artifacts/types.ts';
import { canonicalJson } from '../formats/canonical-json.ts';
import { errorCode } from '../formats/error-code.ts';
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
export async function rebuildDatabase(db: Database, store: ArtifactStore): Promise<RebuiltDatabase> {
  const { campaignIds, ...rebuilt } = await db.startOver(async (orm) => {
    let [facts, entries] = [0, 0];
    const skipped: SkippedEntry[] = [];
    const apply = async (id: string, events: readonly JournalEvent[]): Promise<void> => {
      // A transaction of its own: an entry that the database can't hold leaves the others as they are.
      const applied = await orm.transaction((transaction) => applyJournal({ ...db, orm: transaction }, id, events));
      facts += applied.facts;
      entries += applied.entries;
    };
    for (const id of await store.listJournals()) {
      const stored = await store.readJournal(id);
      for (let from = 0; from < stored.length; from += BATCH) {
        const batch = stored.slice(from, from + BATCH);
        const journal = decodeJournal(id, batch);
        skipped.push(...journal.skipped);
        try {
          await apply(id, journal.events);
        } catch (error) {
          if (!isOfValue(error)) throw error;
          skipped.push(...(await applyEach(id, batch, apply)));
        }
      }
    }
    const rows = await orm.select({ id: tables.campaigns.id }).from(tables.campaigns);
    const campaignIds = rows.map(({ id }) => id);
    return { campaigns: campaignIds.length, facts, entries, ...ifAny(skipped), campaignIds };
  });
  db.announce(new Set(campaignIds));
  return rebuilt;
}

/** Applies the entries one by one and returns those that the database can't hold. */
async function applyEach(
  id: string,
  batch: readonly StoredEntry[],
  apply: (id: string, events: readonly JournalEvent[]) => Promise<void>,
): Promise<SkippedEntry[]> {
  const skipped: SkippedEntry[] = [];
  for (const entry of batch) {
    try {
      await apply(id, decodeJournal(id, [entry]).events);
    } catch (error) {
      if (!isOfValue(error)) throw error;
      skipped.push({ name: `${id}/${entry.name}`, reason: messageOf(error) });
    }
  }
  return skipped;
}

/** SQLSTATE classes of values that are wrong, violate a constraint, or exceed a limit. */
const VALUE_ERRORS = /^(?:22|23|54)/;

/** Whether an entry's content is the cause: too deep for JSON, too long for an index. Else the database is. */
function isOfValue(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error instanceof RangeError || VALUE_ERRORS.test(errorCode(error) ?? '') || isOfValue(error.cause);
}

/** The innermost message: the outer ones quote the whole statement. */
const messageOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error ? messageOf(error.cause) : String(error);
