/** `/api/checkpoints`: lineage, and the files of a checkpoint for export. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import type { Digest } from '../artifacts/types.ts';
import { findCheckpointOfIteration, findCheckpoints, listCheckpoints } from '../db/read-checkpoints.ts';
import { requireCampaign } from './api-campaigns.ts';
import { ApiError } from './api-error.ts';
import type { ServerDeps } from './deps.ts';

/**
 * A checkpoint by what people type: a digest, its first digits, `<campaign>` (its head), `<campaign>/<iteration>` or `<campaign>@<iteration>`.
 * Throws `ApiError` when nothing or more than one fits.
 */
export async function resolveCheckpoint(deps: ServerDeps, reference: string): Promise<Digest> {
  const named = /^([a-z0-9][a-z0-9-]*?)(?:[@/](\d+))?$/.exec(reference);
  const digests = await findCheckpoints(deps.db, reference);
  if (digests.length > 1) {
    throw new ApiError('conflict', `"${reference}" fits ${digests.length} checkpoints; give more digits`);
  }
  if (digests[0] !== undefined) return digests[0] as Digest;
  const [, campaignId, iteration] = named ?? [];
  if (campaignId === undefined) {
    throw new ApiError('not-found', `there is no checkpoint "${reference}"; \`checkpoint list\` shows them`);
  }
  const campaign = await requireCampaign(deps, campaignId);
  const digest =
    iteration === undefined ? campaign.head : await findCheckpointOfIteration(deps.db, campaignId, Number(iteration));
  if (digest !== undefined) return digest as Digest;
  const known = campaign.checkpoints.map((item) => item.iteration).join(', ');
  throw new ApiError(
    'not-found',
    `campaign "${campaignId}" has checkpoints of these iterations: ${known || 'none yet'}`,
  );
}

export function checkpointRoutes(deps: ServerDeps): Hono {
  const routes = new Hono();

  routes.get('/', async (context) => {
    const campaign = context.req.query('campaign');
    if (campaign !== undefined) await requireCampaign(deps, campaign);
    return context.json({ checkpoints: await listCheckpoints(deps.db, campaign) });
  });

  routes.get('/:reference', async (context) => {
    const digest = await resolveCheckpoint(deps, context.req.param('reference'));
    return context.json({ digest, files: (await deps.store.readTree(digest)).files });
  });

  routes.get('/:reference/files/:path{.+}', async (context) => {
    const digest = await resolveCheckpoint(deps, context.req.param('reference'));
    const path = context.req.param('path');
    const file = (await deps.store.readTree(digest)).files[path];
    if (file === undefined) throw new ApiError('not-found', `checkpoint ${digest} has no file "${path}"`);
    const folder = await deps.store.materialiseTree(digest);
    const stream = Readable.toWeb(createReadStream(join(folder, path))) as ReadableStream<Uint8Array>;
    return context.body(stream, 200, {
      'content-type': 'application/octet-stream',
      'content-length': String(file.bytes),
      'content-disposition': 'attachment',
    });
  });

  return routes;
}
