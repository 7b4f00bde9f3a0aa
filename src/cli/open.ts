/** `whencode open`: a link to the page. */

import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import { clientCommand } from './client-command.ts';

export function addOpenCommand(program: Command): void {
  clientCommand(
    program.command('open').description('print a link that opens the live page in a browser, once, within ten minutes'),
    () => async (api) => {
      const { url } = await ask(api.links.$post());
      return { json: { url }, text: url };
    },
  );
}
