/** `whencode store …`: whether everything that was done is still there, and what to do where it is not. */

import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import { answer, apiOf, print } from './context.ts';
import { CommandFailure } from './exit.ts';
import { JSON_OPTION } from './options.ts';
import { renderTable } from './table.ts';

export function addStoreCommand(program: Command): void {
  const store = program.command('store').description('look after the artifact store');

  store
    .command('check')
    .description('list outputs of finished steps that are missing or damaged; fails where there are any')
    .option('--deep', 'read every byte; default: presence and length')
    .option(...JSON_OPTION)
    .action(async (options: { deep?: boolean; json?: boolean }, command: Command) => {
      const report = await ask(
        (await apiOf(command)).store.check.$get({ query: { deep: `${options.deep === true}` } }),
      );
      const { manifests, flaws } = report;
      answer(options, report, () =>
        flaws.length === 0
          ? `${manifests} steps, all outputs there`
          : renderTable(
              ['step', 'output', 'is', 'manifest'],
              flaws.map((flaw) => [flaw.stage ?? '–', flaw.output ?? '–', flaw.kind ?? '–', flaw.manifest]),
            ),
      );
      if (flaws.length > 0)
        throw new CommandFailure(
          `${flaws.length} outputs are not whole; put the files back, or let a step be computed again: whencode store forget MANIFEST`,
        );
    });

  store
    .command('forget')
    .description('set a step aside, so that it is computed again when it is needed')
    .argument('<manifest>', 'key of the step, as `store check` and error messages name it')
    .action(async (manifest: string, _: unknown, command: Command) => {
      await ask((await apiOf(command)).store.forget.$post({ json: { manifest: manifest } }));
      print(`${manifest} is set aside; \`whencode iteration retry\` goes on with a campaign that is blocked by it`);
    });
}
