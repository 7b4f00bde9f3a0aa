/** Tells the database and the journal what happened. Safe to repeat. */
import type { ArtifactStore } from '../artifacts/types.ts';
import type { Fact } from '../protocol/facts.ts';
import type { JournalNote } from '../protocol/journal.ts';
import type { Tracker } from '../tracking/tracker.ts';

export interface RecordsDeps {
  readonly store: ArtifactStore;
  /**
   * Takes what the journal has: pages and API read it, so a record that it does not take is tried again, as one that
   * the journal does not take.
   */
  readonly database: Required<Pick<Tracker, 'facts' | 'note'>>;
  /** Take part without a say: none of them holds a campaign up. Absent: there are none. */
  readonly followers?: Required<Pick<Tracker, 'facts' | 'note'>>;
}

/** Journal of the evaluations' own facts: an evaluation may belong to several campaigns, or to none. No campaign's name. */
export const EVALUATIONS_JOURNAL = 'evaluations';

/** Facts go to the journal first, all of them: from it the database is rebuilt, equal to what it was. */
export async function recordFacts({ store, database, followers }: RecordsDeps, facts: readonly Fact[]): Promise<void> {
  for (const fact of facts) {
    const journal = fact.kind === 'campaign' ? fact.id : (fact.campaignId ?? EVALUATIONS_JOURNAL);
    await store.appendJournal(journal, { at: fact.at, kind: 'fact', details: { fact } });
  }
  await database.facts(facts);
  await followers?.facts(facts);
}

export async function writeJournal({ store, database, followers }: RecordsDeps, note: JournalNote): Promise<void> {
  const { campaignId, ...event } = note;
  await store.appendJournal(campaignId, event);
  await database.note(campaignId, event);
  await followers?.note(campaignId, event);
}
