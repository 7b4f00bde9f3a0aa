/** Tells the database and the journal what happened. Safe to repeat. */
import type { ArtifactStore } from '../artifacts/types.ts';
import type { Fact } from '../protocol/facts.ts';
import type { JournalEvent, JournalNote } from '../protocol/journal.ts';

export interface RecordsDeps {
  readonly store: ArtifactStore;
  readonly applyFacts: (facts: readonly Fact[]) => Promise<void>;
  /** Of the journal's other entries. */
  readonly applyNote: (campaignId: string, event: JournalEvent) => Promise<void>;
}

/** Journal of the evaluations' own facts: an evaluation may belong to several campaigns, or to none. No campaign's name. */
export const EVALUATIONS_JOURNAL = 'evaluations';

/** Facts go to the journal first, all of them: from it the database is rebuilt, equal to what it was. */
export async function recordFacts(
  { store, applyFacts }: Pick<RecordsDeps, 'store' | 'applyFacts'>,
  facts: readonly Fact[],
): Promise<void> {
  for (const fact of facts) {
    const journal = fact.kind === 'campaign' ? fact.id : (fact.campaignId ?? EVALUATIONS_JOURNAL);
    await store.appendJournal(journal, { at: fact.at, kind: 'fact', details: { fact } });
  }
  await applyFacts(facts);
}

export async function writeJournal(
  { store, applyNote }: Pick<RecordsDeps, 'store' | 'applyNote'>,
  note: JournalNote,
): Promise<void> {
  const { campaignId, ...event } = note;
  await store.appendJournal(campaignId, event);
  await applyNote(campaignId, event);
}
