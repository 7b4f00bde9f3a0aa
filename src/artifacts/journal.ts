/** The journal: what people did to a campaign, one object per entry. Appending an entry twice stores it once. */

import { canonicalJson } from '../formats/canonical-json.ts';
import { isInstant } from '../formats/is-instant.ts';
import { digestOfJson, shortDigest } from './digest.ts';
import { JOURNALS } from './keys.ts';
import type { ObjectStorage } from './object-storage.ts';
import { guard } from './store-error.ts';
import type { JournalStore, StoredEntry } from './types.ts';

/** A bucket answers requests side by side, over a limited number of connections. */
const READ_AT_ONCE = 32;

const CAMPAIGN_ID = /^[a-z0-9][a-z0-9-]*$/;

export function createJournal(storage: ObjectStorage): JournalStore {
  return {
    appendJournal: (campaignId, entry) =>
      guard(`writing the journal of ${campaignId}`, async () => {
        // ISO times sort as text; the digest separates entries of the same millisecond.
        if (!isInstant(entry.at))
          throw new Error(`time "${entry.at}": allowed are ISO times such as 2026-11-30T12:00:00.000Z`);
        const name = `${entry.at.replaceAll(':', '-')}-${shortDigest(digestOfJson(entry))}.json`;
        await storage.putIfAbsent(`${prefixOf(campaignId)}${name}`, Buffer.from(canonicalJson(entry)));
      }),
    readJournal: (campaignId) =>
      guard(`reading the journal of ${campaignId}`, async () => {
        const prefix = prefixOf(campaignId);
        const names: string[] = [];
        for await (const key of storage.list(prefix)) {
          const name = key.slice(prefix.length);
          if (name.endsWith('.json') && !name.includes('/')) names.push(name);
        }
        const entries: StoredEntry[] = [];
        for (let from = 0; from < names.length; from += READ_AT_ONCE) {
          const some = names.slice(from, from + READ_AT_ONCE);
          const texts = await Promise.all(some.map((name) => storage.get(`${prefix}${name}`)));
          for (const [index, name] of some.entries()) {
            const text = texts[index]?.toString('utf8');
            if (text !== undefined) entries.push({ name, text });
          }
        }
        return entries;
      }),
    listJournals: () =>
      guard('listing the journals', async () => {
        const found = new Set<string>();
        for await (const key of storage.list(JOURNALS)) {
          const [campaignId, entry] = key.slice(JOURNALS.length).split('/');
          if (campaignId !== undefined && entry !== undefined && CAMPAIGN_ID.test(campaignId)) found.add(campaignId);
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
