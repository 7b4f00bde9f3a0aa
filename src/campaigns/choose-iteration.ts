import type { Database } from '../db/database.ts';
import { readCampaign } from '../db/read-campaigns.ts';
import type { IterationView } from '../db/views.ts';
import { UseCaseError } from './use-case-error.ts';

/**
 * The iteration; by default the latest with rollouts.
 *
 * @throws UseCaseError `not-found`
 */
export async function chooseIteration(
  db: Database,
  { campaign: id, iteration: wanted }: { readonly campaign: string; readonly iteration?: number | undefined },
): Promise<IterationView> {
  const campaign = await readCampaign(db, id);
  if (campaign === undefined) throw new UseCaseError('not-found', `there is no campaign "${id}"`);
  const { iterations } = campaign;
  const found =
    wanted === undefined
      ? iterations.findLast((item) => item.shardsDone > 0)
      : iterations.find((item) => item.iteration === wanted);
  if (found !== undefined) return found;
  if (wanted === undefined) throw new UseCaseError('not-found', `campaign "${id}" has no rollouts yet`);
  const known = iterations.map((item) => item.iteration).join(', ');
  throw new UseCaseError('not-found', `campaign "${id}" has no iteration ${wanted}; it has ${known || 'none'}`);
}
