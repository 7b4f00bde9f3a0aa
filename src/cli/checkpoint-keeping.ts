/** `whencode checkpoint gc|pin|unpin`: which checkpoints' files stay. */

import type { Command } from 'commander';
import { ask, inPath } from '../api/client.ts';
import { formatBytes, shortDigest } from '../formats/for-people.ts';
import { clientCommand } from './client-command.ts';
import { parseCount } from './options.ts';
import { renderTable } from './table.ts';

const REFERENCE = 'digest, its first digits, <campaign> (its head) or <campaign>/<iteration>';

export function addKeepingCommands(checkpoint: Command): void {
  clientCommand(
    checkpoint
      .command('gc')
      .description('delete the files of checkpoints that are no head, start, best, pinned, among the last, or in use')
      .option('--dry-run', 'say which, delete nothing')
      .option('--keep-last <n>', 'newest of each campaign that stay', parseCount, 3),
    ({ dryRun = false, keepLast }: { dryRun?: boolean; keepLast: number }) =>
      async (api) => {
        const json = await ask(api.checkpoints.collect.$post({ json: { dryRun, keepLast } }));
        const { checkpoints, collected } = json;
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
        return { json, text: `${renderTable(['checkpoint', 'made by', 'kept as'], rows)}\n\n${says}` };
      },
  );

  clientCommand(
    checkpoint.command('pin').description('keep a checkpoint whatever comes').argument('<checkpoint>', REFERENCE),
    (reference: string) => async (api) => {
      const json = await ask(api.checkpoints[':reference'].pin.$post({ param: inPath({ reference }) }));
      return { json, text: `${shortDigest(json.digest)} stays until it is unpinned` };
    },
  );

  clientCommand(
    checkpoint
      .command('unpin')
      .description('let a pinned checkpoint go the way of the others')
      .argument('<checkpoint>', REFERENCE),
    (reference: string) => async (api) => {
      const json = await ask(api.checkpoints[':reference'].unpin.$post({ param: inPath({ reference }) }));
      return { json, text: `${shortDigest(json.digest)} may be collected` };
    },
  );
}
