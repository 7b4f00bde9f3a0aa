import type { SettingChange } from '../config/settings.ts';
import { readJournalOf } from './apply-journal.ts';
import type { Database } from './database.ts';

/** Hyper-parameters that a person changed in mid-campaign, from the journal. */
export interface SettingsChanged {
  readonly at: string;
  readonly by?: string;
  /** The first iteration that has them. */
  readonly fromIteration: number;
  readonly changes: readonly SettingChange[];
}

/** Oldest first. */
export async function readSettingsChanges(db: Database, campaignId: string): Promise<SettingsChanged[]> {
  const { events } = await readJournalOf(db, campaignId, 'settings-changed');
  return events.flatMap((event) => {
    if (event.kind !== 'settings-changed') return [];
    const { by, fromIteration, changes } = event.details;
    return [{ at: event.at, ...(by === undefined ? {} : { by }), fromIteration, changes }];
  });
}
