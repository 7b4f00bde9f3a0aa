import type { Command } from 'commander';
import { rotateToken } from '../process/control-address.ts';
import { makeHomePrivate } from '../process/private-home.ts';
import { homeOf } from './context.ts';
import { print } from './terminal.ts';

/** `whencode token rotate`: shuts out who has learnt the token or a session. */
export function addTokenCommand(program: Command): void {
  program
    .command('token')
    .description('the token that lets programs use the API')
    .command('rotate')
    .description('replace the token: all browser sessions and links end, and a running stack takes only the new one')
    .action(async (_options: unknown, command: Command) => {
      const home = homeOf(command);
      await makeHomePrivate(home);
      await rotateToken(home);
      print(`${home} has a new token; \`whencode open\` prints a link to the pages`);
    });
}
