/** What people did to a campaign, an object per entry: an entry that is appended twice is stored once. */
import { canonicalJson } from '../formats/canonical-json.ts';
import { digestOfJson, shortDigest } from './digest.ts';
import { JOURNALS } from './keys.ts';
import type { ObjectStorage } from './object-storage.ts';
import { guard } from './store-error.ts';
import type { JournalEntry, JournalStore } from './types.ts';

const CAMPAIGN_ID = /^[a-z0-9][a-z0-9-]*$/;

export function createJournal(storage: ObjectStorage): JournalStore {
  return {
    appendJournal: (campaignId, entry) =>
      guard(`writing the journal of ${campaignId}`, async () => {
        // ISO times sort as text; the digest separates entries of the same millisecond.
        const name = `${entry.at.replaceAll(':', '-')}-${shortDigest(digestOfJson(entry))}.json`;
        await storage.putIfAbsent(`${prefixOf(campaignId)}${name}`, Buffer.from(canonicalJson(entry)));
      }),
    readJournal: (campaignId) =>
      guard(`reading the journal of ${campaignId}`, async () => {
        const keys: string[] = [];
        for await (const key of storage.list(prefixOf(campaignId))) keys.push(key);
        const entries = await Promise.all(keys.map((key) => storage.get(key)));
        return entries.flatMap((bytes) =>
          bytes === undefined ? [] : [JSON.parse(bytes.toString('utf8')) as JournalEntry],
        );
      }),
    listJournals: () =>
      guard('listing the journals', async () => {
        const found = new Set<string>();
        for await (const key of storage.list(JOURNALS)) {
          const [campaignId, entry] = key.slice(JOURNALS.length).split('/');
          if (campaignId !== undefined && entry !== undefined) found.add(campaignId);
        }
        return [...found].sort();
      }),
  };
}

function prefixOf(campaignId: string): string {
  if (!CAMPAIGN_ID.test(campaignId))
    throw new Error(`campaign id "${campaignId}": allowed are lower-case letters, digits and hyphens`);
  return `${JOURNALS}${campaignId}/`;
}
