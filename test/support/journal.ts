import type { ArtifactStore } from '../../src/artifacts/types.ts';
import { decodeJournal } from '../../src/protocol/decode-journal.ts';
import type { JournalEvent } from '../../src/protocol/journal.ts';

/** Every entry of a campaign's journal. Throws at one that can't be read: no test writes one by mistake. */
export async function readEvents(
  store: Pick<ArtifactStore, 'readJournal'>,
  campaignId: string,
): Promise<readonly JournalEvent[]> {
  const { events, skipped } = decodeJournal(campaignId, await store.readJournal(campaignId));
  const [first] = skipped;
  if (first !== undefined) throw new Error(`${first.name}: ${first.reason}`);
  return events;
}

/** Those of one kind. */
export async function readEventsOf<Kind extends JournalEvent['kind']>(
  store: Pick<ArtifactStore, 'readJournal'>,
  campaignId: string,
  kind: Kind,
): Promise<Extract<JournalEvent, { kind: Kind }>[]> {
  const isOfKind = (event: JournalEvent): event is Extract<JournalEvent, { kind: Kind }> => event.kind === kind;
  return (await readEvents(store, campaignId)).filter(isOfKind);
}
