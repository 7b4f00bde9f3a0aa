/** `whencode open`: a link to the page, and the browser. */

import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import { hasScreen } from '../config/environment.ts';
import { answer, apiOf, homeOf } from './context.ts';
import { openBrowser } from './open-browser.ts';
import { JSON_OPTION, type JsonOption } from './options.ts';
import { print } from './terminal.ts';

export function addOpenCommand(program: Command): void {
  program
    .command('open')
    .description('open the live page in a browser; the link that it prints works once, within ten minutes')
    .option('--print', 'only print the link')
    .option(...JSON_OPTION)
    .action(async (options: JsonOption & { readonly print?: boolean }, command: Command) => {
      const { url } = await ask((await apiOf(command)).links.$post());
      answer(options, { url }, () => url);
      const isAsked = options.print !== true && options.json !== true && process.stdout.isTTY === true;
      if (isAsked && hasScreen() && (await openBrowser(homeOf(command), url))) print('the browser opens it');
    });
}
