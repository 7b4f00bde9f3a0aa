/** `whencode checkpoint …`: what the campaigns made, and taking it home. */
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import type { CheckpointView } from '../db/views.ts';
import { formatBytes, shortDigest } from '../formats/for-people.ts';
import { addKeepingCommands } from './checkpoint-keeping.ts';
import { clientCommand } from './client-command.ts';
import { UsageError } from './exit.ts';
import { exportCheckpoint } from './export-checkpoint.ts';
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
