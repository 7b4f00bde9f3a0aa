/** `whencode db …`: the database of facts, which holds nothing that the artifact store does not. */

import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import { answer, apiOf } from './context.ts';
import { JSON_OPTION } from './options.ts';
import { withSkipped } from './skipped-entries.ts';

export function addDbCommand(program: Command): void {
  const db = program.command('db').description('the database of facts');

  db.command('rebuild')
    .description('empty the database and fill it from the journals of the artifact store')
    .option(...JSON_OPTION)
    .action(async (options: { json?: boolean }, command: Command) => {
      const rebuilt = await ask((await apiOf(command)).database.rebuild.$post());
      const { campaigns, facts, entries, skipped } = rebuilt;
      const text = `rebuilt from the store: ${campaigns} campaigns, ${facts} facts, ${entries} journal entries`;
      answer(options, rebuilt, () => withSkipped(text, skipped));
    });
}
