/** Tells the database and the journal what happened. Safe to repeat. */
import type { ArtifactStore } from '../src/artifacts/types.ts';
import type { Fact } from '../src/db/facts.ts';
import type { JournalNote } from './types.ts';

export interface RecordsDeps {
  readonly store: ArtifactStore;
  readonly applyFacts: (facts: readonly Fact[]) => Promise<void>;
}

/** Facts go to the journal as well, shards apart (their manifests say the same): from it the database is rebuilt. */
export async function recordFacts({ store, applyFacts }: RecordsDeps, facts: readonly Fact[]): Promise<void> {
  for (const fact of facts) {
    const campaignId = fact.kind === 'campaign' ? fact.id : fact.campaignId;
    if (campaignId === undefined || fact.kind === 'shard') continue;
    await store.appendJournal(campaignId, { at: fact.at, kind: 'fact', details: { fact } });
  }
  await applyFacts(facts);
}

export async function writeJournal({ store }: Pick<RecordsDeps, 'store'>, note: JournalNote): Promise<void> {
  const { campaignId, at, kind, details } = note;
  await store.appendJournal(campaignId, { at, kind, details });
}
