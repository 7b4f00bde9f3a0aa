/** What people did to a campaign, an entry a file: appending twice the same entry keeps one. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../formats/canonical-json.ts';
import { digestOfJson, shortDigest } from './digest.ts';
import { linkIfFirst, writeTemporaryFile } from './durable-file.ts';
import type { ArtifactStore, JournalEntry } from './types.ts';

type Guard = <T>(doing: string, work: () => Promise<T>) => Promise<T>;
type Journal = Pick<ArtifactStore, 'appendJournal' | 'readJournal' | 'listJournals'>;

const CAMPAIGN_ID = /^[a-z0-9][a-z0-9-]*$/;

export function createJournal(directory: string, temporary: string, guard: Guard): Journal {
  const folderOf = (campaignId: string): string => {
    if (!CAMPAIGN_ID.test(campaignId))
      throw new Error(`campaign id "${campaignId}": allowed are lower-case letters, digits and hyphens`);
    return join(directory, campaignId);
  };
  return {
    appendJournal: (campaignId, entry) =>
      guard(`writing the journal of ${campaignId}`, async () => {
        const folder = folderOf(campaignId);
        await mkdir(folder, { recursive: true });
        // ISO times sort as text; the digest tells entries of one millisecond apart.
        const name = `${entry.at.replaceAll(':', '-')}-${shortDigest(digestOfJson(entry))}.json`;
        const file = await writeTemporaryFile(temporary, Buffer.from(canonicalJson(entry)));
        await linkIfFirst(file, join(folder, name));
      }),
    readJournal: (campaignId) =>
      guard(`reading the journal of ${campaignId}`, async () => {
        const folder = folderOf(campaignId);
        const names = (await readdir(folder).catch(() => [] as string[])).sort();
        return Promise.all(
          names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as JournalEntry),
        );
      }),
    listJournals: async () => (await readdir(directory).catch(() => [] as string[])).sort(),
  };
}
