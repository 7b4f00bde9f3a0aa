/** `whencode db …`: the database of facts, which holds nothing that the artifact store does not. */

import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import { clientCommand } from './client-command.ts';
import { withSkipped } from './skipped-entries.ts';

export function addDbCommand(program: Command): void {
  const db = program.command('db').description('the database of facts');

  clientCommand(
    db.command('rebuild').description('empty the database and fill it from the journals of the artifact store'),
    () => async (api) => {
      const json = await ask(api.database.rebuild.$post());
      const { campaigns, facts, entries, skipped } = json;
      const text = `rebuilt from the store: ${campaigns} campaigns, ${facts} facts, ${entries} journal entries`;
      return { json, text: withSkipped(text, skipped) };
    },
  );
}
