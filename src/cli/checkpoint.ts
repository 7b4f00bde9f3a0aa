/** `whencode checkpoint …`: what the campaigns made, and taking it home. */
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import { readEnvironment } from '../config/environment.ts';
import type { CheckpointView } from '../db/views.ts';
import { formatBytes, shortDigest } from '../formats/for-people.ts';
import { addKeepingCommands } from './checkpoint-keeping.ts';
import { clientCommand } from './client-command.ts';
import { UsageError } from './exit.ts';
import { exportCheckpoint } from './export-checkpoint.ts';
import { pushToHub } from './push-to-hub.ts';
import { renderTable } from './table.ts';

interface ExportOptions {
  readonly push?: string;
  readonly public?: boolean;
}

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
      .description(
        'copy a checkpoint into a new folder in Hugging Face format, with a model card, its lineage and how it is asked',
      )
      .argument('<checkpoint>', 'digest, its first digits, <campaign> (its head) or <campaign>/<iteration>')
      .argument('<folder>', 'is made; must not exist or be empty')
      .option('--push <owner/name>', 'also upload it to the Hugging Face Hub, as a private model')
      .option('--public', 'with --push: for everybody'),
    async (reference: string, folder: string, { push, public: isPublic }: ExportOptions) => {
      if (push !== undefined && !/^[\w.-]+\/[\w.-]+$/.test(push))
        throw new UsageError(`--push ${push}: give a model of the Hub as OWNER/NAME`);
      if (isPublic === true && push === undefined) throw new UsageError('--public goes with --push OWNER/NAME');
      const target = resolve(folder);
      if ((await readdir(target).catch(() => [])).length > 0)
        throw new UsageError(`${target} is not empty; name a new folder`);
      return async (api) => {
        const json = await exportCheckpoint(api, reference, target);
        const text = `${shortDigest(json.digest)} is in ${target} (${formatBytes(json.bytes)})`;
        if (push === undefined) return { json, text };
        const { python } = readEnvironment();
        const pushed = await pushToHub({ python, folder: target, repository: push, isPrivate: isPublic !== true });
        return { json: { ...json, pushed }, text: `${text}\n${push}: ${pushed}` };
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
