/** Lists checkpoints, and pins those whose files are kept. */
import type { Digest } from '../artifacts/types.ts';
import { listCheckpoints } from '../db/read-checkpoints.ts';
import type { CheckpointView } from '../db/views.ts';
import type { CampaignDeps } from './deps.ts';
import { requireFiles, resolveCheckpoint } from './find-checkpoint.ts';
import { record, requireCampaign } from './known-campaigns.ts';
import { UseCaseError } from './use-case-error.ts';

type Deps = Pick<CampaignDeps, 'db' | 'store'>;

/** Newest first. @param campaign - Default: of all campaigns @throws UseCaseError `not-found` */
export async function listKeptCheckpoints(deps: Deps, campaign: string | undefined): Promise<CheckpointView[]> {
  if (campaign !== undefined) await requireCampaign(deps, campaign);
  const found = await listCheckpoints(deps.db, campaign);
  return await Promise.all(found.map((item) => withoutOldMark(deps, item)));
}

/** Clears `collectedAt` of a checkpoint whose files exist again, since a later step recomputed it. */
async function withoutOldMark({ store }: Deps, item: CheckpointView): Promise<CheckpointView> {
  if (item.collectedAt === undefined || !(await store.hasBlob(item.digest as Digest))) return item;
  const { collectedAt: _old, ...there } = item;
  return there;
}

/**
 * A pinned checkpoint is never collected.
 *
 * @param reference - See `resolveCheckpoint`
 * @throws UseCaseError `not-found`; `conflict` when the files of a checkpoint to pin are missing
 */
export async function markCheckpoint(
  deps: Deps,
  reference: string,
  mark: 'pinned' | 'unpinned',
): Promise<{ readonly digest: Digest }> {
  const digest = await resolveCheckpoint(deps, reference);
  const maker = (await listCheckpoints(deps.db)).find((item) => item.digest === digest);
  if (maker === undefined) throw new UseCaseError('not-found', `no campaign made the checkpoint ${digest}`);
  if (mark === 'pinned') await requireFiles(deps, digest);
  const { campaignId } = maker;
  await record(deps, [{ kind: 'checkpoint-mark', digest, campaignId, at: new Date().toISOString(), mark }]);
  return { digest };
}
