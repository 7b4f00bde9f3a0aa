/** Tells the database and the journal what happened. Safe to repeat. */
import type { ArtifactStore } from '../src/artifacts/types.ts';
import type { Fact } from '../src/db/facts.ts';
import type { JournalNote } from './types.ts';

export interface RecordsDeps {
  readonly store: ArtifactStore;
  readonly applyFacts: (facts: readonly Fact[]) => Promise<void>;
}

/** Journal of the evaluations' own facts: an evaluation may belong to several campaigns, or to none. No campaign's name. */
export const EVALUATIONS_JOURNAL = 'evaluations';

/** Facts go to the journal as well, shards apart (their manifests say the same): from it the database is rebuilt. */
export async function recordFacts({ store, applyFacts }: RecordsDeps, facts: readonly Fact[]): Promise<void> {
  for (const fact of facts) {
    if (fact.kind === 'shard') continue;
    const journal = fact.kind === 'campaign' ? fact.id : (fact.campaignId ?? EVALUATIONS_JOURNAL);
    await store.appendJournal(journal, { at: fact.at, kind: 'fact', details: { fact } });
  }
  await applyFacts(facts);
}

export async function writeJournal({ store }: Pick<RecordsDeps, 'store'>, note: JournalNote): Promise<void> {
  const { campaignId, at, kind, details } = note;
  await store.appendJournal(campaignId, { at, kind, details });
}
