/** `whencode checkpoint gc|pin|unpin`: which checkpoints' files stay. */

import type { Command } from 'commander';
import { ask, inPath } from '../api/client.ts';
import { formatBytes, shortDigest } from '../formats/for-people.ts';
import { answer, apiOf } from './context.ts';
import { JSON_OPTION, type JsonOption, parseCount } from './options.ts';
import { renderTable } from './table.ts';

const REFERENCE = 'digest, its first digits, <campaign> (its head) or <campaign>/<iteration>';

export function addKeepingCommands(checkpoint: Command): void {
  checkpoint
    .command('gc')
    .description('delete the files of checkpoints that are no head, start, best, pinned, among the last, or in use')
    .option('--dry-run', 'say which, delete nothing')
    .option('--keep-last <n>', 'newest of each campaign that stay', parseCount, 3)
    .option(...JSON_OPTION)
    .action(async (options: { dryRun?: boolean; keepLast: number; json?: boolean }, command: Command) => {
      const { dryRun = false, keepLast } = options;
      const collection = await ask((await apiOf(command)).checkpoints.collect.$post({ json: { dryRun, keepLast } }));
      const { checkpoints, collected } = collection;
      const freed = collected.reduce((sum, { freedBytes }) => sum + freedBytes, 0);
      const gone = checkpoints.filter(({ keptAs }) => keptAs.length === 0).length;
      const says = dryRun
        ? `${gone} of ${checkpoints.length} would be collected`
        : `${gone} of ${checkpoints.length} are collected, ${formatBytes(freed)} freed`;
      const rows = checkpoints.map(({ digest, madeBy, keptAs }) => [
        shortDigest(digest),
        madeBy.join(', '),
        keptAs.length === 0 ? 'collected' : keptAs.join(', '),
      ]);
      answer(options, collection, () => `${renderTable(['checkpoint', 'made by', 'kept as'], rows)}\n\n${says}`);
    });

  for (const [name, pinned, says] of [
    ['pin', true, 'stays until it is unpinned'],
    ['unpin', false, 'may be collected'],
  ] as const)
    checkpoint
      .command(name)
      .description(pinned ? 'keep a checkpoint whatever comes' : 'let a pinned checkpoint go the way of the others')
      .argument('<checkpoint>', REFERENCE)
      .option(...JSON_OPTION)
      .action(async (reference: string, options: JsonOption, command: Command) => {
        const marked = await ask(
          (await apiOf(command)).checkpoints[':reference'].pin.$post({ param: inPath({ reference }) }),
        );
        answer(options, marked, () => `${shortDigest(marked.digest)} ${says}`);
      });
}
