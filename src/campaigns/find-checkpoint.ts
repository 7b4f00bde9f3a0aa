/** Finds a checkpoint by a reference that a person types, and checks that its files exist. */

import type { Digest } from '../artifacts/types.ts';
import { findCheckpointOfIteration, findCheckpoints, listCheckpoints } from '../db/read-checkpoints.ts';
import type { CampaignDeps } from './deps.ts';
import { requireCampaign } from './known-campaigns.ts';
import { UseCaseError } from './use-case-error.ts';

/**
 * Finds a checkpoint by a reference: a digest, its first digits, `<campaign>` (its head), `<campaign>/<iteration>` or
 * `<campaign>@<iteration>`.
 *
 * @throws UseCaseError `not-found`, or `conflict` when more than one fits
 * @example const digest = await resolveCheckpoint(deps, 'math/3');
 */
export async function resolveCheckpoint(deps: Pick<CampaignDeps, 'db'>, reference: string): Promise<Digest> {
  const named = /^([a-z0-9][a-z0-9-]*?)(?:[@/](\d+))?$/.exec(reference);
  const digests = await findCheckpoints(deps.db, reference);
  if (digests.length > 1) {
    throw new UseCaseError('conflict', `"${reference}" fits ${digests.length} checkpoints; give more digits`);
  }
  if (digests[0] !== undefined) return digests[0] as Digest;
  const [, campaignId, iteration] = named ?? [];
  if (campaignId === undefined) {
    throw new UseCaseError('not-found', `there is no checkpoint "${reference}"; \`checkpoint list\` shows them`);
  }
  const campaign = await requireCampaign(deps, campaignId);
  const digest =
    iteration === undefined ? campaign.head : await findCheckpointOfIteration(deps.db, campaignId, Number(iteration));
  if (digest !== undefined) return digest as Digest;
  const known = campaign.checkpoints.map((item) => item.iteration).join(', ');
  throw new UseCaseError(
    'not-found',
    `campaign "${campaignId}" has checkpoints of these iterations: ${known || 'none yet'}`,
  );
}

/** @throws UseCaseError `conflict` that says why files are missing */
export async function requireFiles(deps: Pick<CampaignDeps, 'db' | 'store'>, digest: Digest): Promise<void> {
  if (await deps.store.hasTree(digest)) return;
  const collectedAt = (await listCheckpoints(deps.db)).find((item) => item.digest === digest)?.collectedAt;
  const why =
    collectedAt === undefined
      ? 'are not all in the store; `whencode store check` says what is missing'
      : `were collected as garbage at ${collectedAt}; pin the ones to keep with \`checkpoint pin\``;
  throw new UseCaseError('conflict', `the files of checkpoint ${digest} ${why}`);
}
