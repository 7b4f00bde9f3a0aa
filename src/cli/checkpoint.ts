/** `whencode checkpoint …`: what the campaigns made, and taking it home. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { type ApiClient, ask, inPath } from '../api/client.ts';
import type { CheckpointView } from '../db/views.ts';
import { formatBytes, shortDigest } from '../formats/for-people.ts';
import { addKeepingCommands } from './checkpoint-keeping.ts';
import { clientCommand } from './client-command.ts';
import { CommandFailure, UsageError } from './exit.ts';
import { renderTable } from './table.ts';

export function addCheckpointCommand(program: Command): void {
  const checkpoint = program.command('checkpoint').description('list and export what campaigns made');

  clientCommand(
    checkpoint
      .command('list')
      .description('checkpoints with their lineage, newest first')
      .option('--campaign <id>', 'of one campaign'),
    ({ campaign }: { campaign?: string }) =>
      async (api) => {
        const { checkpoints } = await ask(api.checkpoints.$get({ query: { campaign } }));
        return { json: checkpoints, text: renderCheckpoints(checkpoints) };
      },
  );

  addKeepingCommands(checkpoint);

  clientCommand(
    checkpoint
      .command('export')
      .description('copy a checkpoint into a new folder in Hugging Face format')
      .argument('<checkpoint>', 'digest, its first digits, <campaign> (its head) or <campaign>@<iteration>')
      .argument('<folder>', 'is made; must not exist or be empty'),
    async (reference: string, folder: string) => {
      const target = resolve(folder);
      if ((await readdir(target).catch(() => [])).length > 0)
        throw new UsageError(`${target} is not empty; name a new folder`);
      return async (api) => {
        const json = await exportCheckpoint(api, reference, target);
        return { json, text: `${shortDigest(json.digest)} is in ${target} (${formatBytes(json.bytes)})` };
      };
    },
  );
}

function renderCheckpoints(checkpoints: readonly CheckpointView[]): string {
  if (checkpoints.length === 0) return 'No checkpoint yet.';
  return renderTable(
    ['checkpoint', 'campaign', 'iteration', 'parent', 'made', 'notes'],
    checkpoints.map((item) => [
      shortDigest(item.digest),
      item.campaignId,
      String(item.iteration),
      shortDigest(item.parent),
      item.createdAt.slice(0, 16).replace('T', ' '),
      notesOf(item),
    ]),
  );
}

function notesOf({ pinned, collectedAt, forkedFrom }: CheckpointView): string {
  const notes = [
    ...(pinned === true ? ['pinned'] : []),
    ...(collectedAt === undefined ? [] : [`collected ${collectedAt.slice(0, 10)}`]),
    ...(forkedFrom === undefined ? [] : [`forked from ${forkedFrom}`]),
  ];
  return notes.join(', ');
}

/** Writes to a temporary folder and renames it at the end, so that the target is whole or absent. */
async function exportCheckpoint(api: ApiClient, reference: string, folder: string) {
  const { digest, files } = await ask(api.checkpoints[':reference'].$get({ param: inPath({ reference }) }));
  const partial = `${folder}.partial-${process.pid}`;
  try {
    for (const [path, ref] of Object.entries(files)) {
      const target = join(partial, path);
      await mkdir(dirname(target), { recursive: true });
      const { body } = await api.checkpoints[':reference'].files[':path{.+}'].$get({
        param: inPath({ reference: digest, path }),
      });
      if (body === null) throw new CommandFailure(`the server sent nothing for ${path}`);
      const hash = createHash('sha256');
      await pipeline(
        Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]),
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(target),
      );
      if (`sha256:${hash.digest('hex')}` !== ref.digest) {
        throw new CommandFailure(`${path} arrived damaged: its digest is not ${ref.digest}; try again`);
      }
    }
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  return { digest, folder, files: Object.keys(files), bytes };
}
