/** Records facts and notes in the journal, the database and the trackers. Idempotent. */
import type { ArtifactStore } from '../artifacts/types.ts';
import type { Fact } from '../protocol/facts.ts';
import type { JournalNote } from '../protocol/journal.ts';
import type { Tracker } from '../tracking/tracker.ts';

export interface RecordsDeps {
  readonly store: ArtifactStore;
  /**
   * Receives what the journal holds. Pages and API read it, so a failed write is retried, as a failed write to the
   * journal is.
   */
  readonly database: Required<Pick<Tracker, 'facts' | 'note'>>;
  /** Trackers, none of which delays a campaign. Optional. */
  readonly followers?: Required<Pick<Tracker, 'facts' | 'note'>>;
}

/** Journal of the facts of evaluations, which belong to several campaigns or to none. Not a valid campaign name. */
export const EVALUATIONS_JOURNAL = 'evaluations';

/** All facts go to the journal first, so that a rebuilt database equals the lost one. */
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
