import { digestSchema } from '../artifacts/step-inputs.ts';
import { VALIDATION_SUITE } from '../config/campaign.ts';
import type { Database } from '../db/database.ts';
import { readCampaign } from '../db/read-campaigns.ts';
import type { FindRollbackInput, Rollback } from '../protocol/activities.ts';
import { findCollapse } from '../scoring/collapse-alarm.ts';

/** The best iteration on the campaign's validation problems, where the given one is surely worse; else null. */
export async function findRollback(
  db: Database,
  { campaignId, iteration }: FindRollbackInput,
): Promise<Rollback | null> {
  const { evaluations = [] } = (await readCampaign(db, campaignId)) ?? {};
  const measured = evaluations
    .flatMap(({ suite, iteration: after, checkpoint, metrics }) =>
      suite === VALIDATION_SUITE && after !== undefined && after <= iteration && metrics !== undefined
        ? [{ iteration: after, checkpoint, metrics }]
        : [],
    )
    .sort((a, b) => a.iteration - b.iteration);
  const collapse = findCollapse(measured);
  if (collapse === undefined || collapse.last.iteration !== iteration) return null;
  const { best, message } = collapse;
  return { to: best.iteration, checkpoint: digestSchema.parse(best.checkpoint), reason: message };
}
