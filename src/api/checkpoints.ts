/** `/api/checkpoints`: lineage, and the files of a checkpoint for export. */
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import type { Digest } from '../artifacts/types.ts';
import { collectCheckpoints, type PlannedCheckpoint, planCollection } from '../campaigns/collect-checkpoints.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { requireFiles, resolveCheckpoint } from '../campaigns/find-checkpoint.ts';
import { requireCampaign, tell } from '../campaigns/known-campaigns.ts';
import { parseAsked, UseCaseError } from '../campaigns/use-case-error.ts';
import { listCheckpoints } from '../db/read-checkpoints.ts';
import type { CheckpointView } from '../db/views.ts';
import { readBody } from './read-body.ts';
import { collectBody } from './requests.ts';

/** One that was made again is there, whatever was collected before. */
async function withoutOldMark({ store }: CampaignDeps, item: CheckpointView): Promise<CheckpointView> {
  if (item.collectedAt === undefined || !(await store.hasBlob(item.digest as Digest))) return item;
  const { collectedAt: _old, ...there } = item;
  return there;
}

export interface Collection {
  readonly dryRun: boolean;
  readonly checkpoints: readonly PlannedCheckpoint[];
  readonly collected: readonly { readonly digest: string; readonly freedBytes: number }[];
}

export function checkpointRoutes(deps: CampaignDeps): Hono {
  const routes = new Hono();

  routes.get('/', async (context) => {
    const campaign = context.req.query('campaign');
    if (campaign !== undefined) await requireCampaign(deps, campaign);
    const found = await listCheckpoints(deps.db, campaign);
    return context.json({ checkpoints: await Promise.all(found.map((item) => withoutOldMark(deps, item))) });
  });

  routes.post('/collect', async (context) => {
    const { dryRun, keepLast } = parseAsked(collectBody, await readBody(context), 'the request');
    const plan = await planCollection(deps, keepLast);
    const collected = dryRun ? [] : await collectCheckpoints(deps, plan);
    return context.json({ dryRun, checkpoints: plan, collected } satisfies Collection);
  });

  for (const mark of ['pin', 'unpin'] as const) {
    routes.post(`/:reference/${mark}`, async (context) => {
      const digest = await resolveCheckpoint(deps, context.req.param('reference'));
      const maker = (await listCheckpoints(deps.db)).find((item) => item.digest === digest);
      if (maker === undefined) throw new UseCaseError('not-found', `no campaign made the checkpoint ${digest}`);
      if (mark === 'pin') await requireFiles(deps, digest);
      const { campaignId } = maker;
      const at = new Date().toISOString();
      await tell(deps, [{ kind: 'checkpoint-mark', digest, campaignId, at, mark: `${mark}ned` }]);
      return context.json({ digest });
    });
  }

  routes.get('/:reference', async (context) => {
    const digest = await resolveCheckpoint(deps, context.req.param('reference'));
    await requireFiles(deps, digest);
    return context.json({ digest, files: (await deps.store.readTree(digest)).files });
  });

  routes.get('/:reference/files/:path{.+}', async (context) => {
    const digest = await resolveCheckpoint(deps, context.req.param('reference'));
    const path = context.req.param('path');
    const file = (await deps.store.readTree(digest)).files[path];
    if (file === undefined) throw new UseCaseError('not-found', `checkpoint ${digest} has no file "${path}"`);
    const stream = Readable.toWeb(await deps.store.streamBlob(file)) as ReadableStream<Uint8Array>;
    return context.body(stream, 200, {
      'content-type': 'application/octet-stream',
      'content-length': String(file.bytes),
      'content-disposition': 'attachment',
    });
  });

  return routes;
}
