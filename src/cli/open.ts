/** `whencode open`: a link to the page. */

import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import { answer, apiOf } from './context.ts';
import { JSON_OPTION } from './options.ts';

export function addOpenCommand(program: Command): void {
  program
    .command('open')
    .description('print a link that opens the live page in a browser, once, within ten minutes')
    .option(...JSON_OPTION)
    .action(async (options: { json?: boolean }, command: Command) => {
      const { url } = await ask((await apiOf(command)).links.$post());
      answer(options, { url }, () => url);
    });
}
