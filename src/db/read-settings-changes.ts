import { and, asc, eq } from 'drizzle-orm';
import type { SettingChange } from '../config/settings.ts';
import type { Database } from './database.ts';
import { journal } from './schema.ts';

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
  const rows = await db.orm
    .select()
    .from(journal)
    .where(and(eq(journal.campaignId, campaignId), eq(journal.kind, 'settings-changed')))
    .orderBy(asc(journal.at));
  return rows.map(({ at, details }) => {
    // The campaign wrote it: see workflows/campaign-controls.ts.
    const { by, fromIteration, changes } = details as unknown as Omit<SettingsChanged, 'at'>;
    return { at: at.toISOString(), ...(by === undefined ? {} : { by }), fromIteration, changes };
  });
}
