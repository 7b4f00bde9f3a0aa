/** `/api/checkpoints`: lineage, pinning and garbage collection, and the files for export. */
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import { planAndCollect } from '../campaigns/collect-checkpoints.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { requireFiles, resolveCheckpoint } from '../campaigns/find-checkpoint.ts';
import { listKeptCheckpoints, markCheckpoint } from '../campaigns/keep-checkpoint.ts';
import { UseCaseError } from '../campaigns/use-case-error.ts';
import { about } from './describe-route.ts';
import { checkpointsQuery, collectBody } from './requests.ts';
import { sendJson } from './send-json.ts';
import { body, query } from './validate.ts';

export const checkpointRoutes = (deps: CampaignDeps) =>
  new Hono()
    .get('/', about('Checkpoints with their lineage, newest first'), query(checkpointsQuery), async (context) => {
      const { campaign } = context.req.valid('query');
      return sendJson(context, { checkpoints: await listKeptCheckpoints(deps, campaign) });
    })
    .post(
      '/collect',
      about('Deletes the files of checkpoints that are no head, start, best, pinned, among the last, or in use'),
      body(collectBody),
      async (context) => sendJson(context, await planAndCollect(deps, context.req.valid('json'))),
    )
    .post('/:reference/pin', about('Keeps the files of a checkpoint'), async (context) =>
      sendJson(context, await markCheckpoint(deps, context.req.param('reference'), 'pinned')),
    )
    .post('/:reference/unpin', about('Unpins a checkpoint, so that its files may be collected'), async (context) =>
      sendJson(context, await markCheckpoint(deps, context.req.param('reference'), 'unpinned')),
    )
    .get(
      '/:reference',
      about('Files of a checkpoint, by digest, its first digits, `<campaign>` or `<campaign>@<iteration>`'),
      async (context) => {
        const digest = await resolveCheckpoint(deps, context.req.param('reference'));
        await requireFiles(deps, digest);
        return sendJson(context, { digest, files: (await deps.store.readTree(digest)).files });
      },
    )
    .get(
      '/:reference/files/:path{.+}',
      about('One file of a checkpoint', { answers: 'application/octet-stream' }),
      async (context) => {
        const digest = await resolveCheckpoint(deps, context.req.param('reference'));
        const path = context.req.param('path');
        const { files } = await deps.store.readTree(digest);
        const file = Object.hasOwn(files, path) ? files[path] : undefined;
        if (file === undefined) throw new UseCaseError('not-found', `checkpoint ${digest} has no file "${path}"`);
        const stream = Readable.toWeb(await deps.store.streamBlob(file)) as ReadableStream<Uint8Array>;
        return context.body(stream, 200, {
          'content-type': 'application/octet-stream',
          'content-length': String(file.bytes),
          'content-disposition': 'attachment',
        });
      },
    );
