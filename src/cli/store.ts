/** `whencode store …`: whether everything that was done is still there, and what to do where it is not. */

import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import { clientCommand } from './client-command.ts';
import { renderTable } from './table.ts';

export function addStoreCommand(program: Command): void {
  const store = program.command('store').description('look after the artifact store');

  clientCommand(
    store
      .command('check')
      .description('list outputs of finished steps that are missing or damaged; fails where there are any')
      .option('--deep', 'read every byte; default: presence and length'),
    ({ deep = false }: { deep?: boolean }) =>
      async (api) => {
        const json = await ask(api.store.check.$get({ query: { deep: `${deep}` } }));
        const { manifests, flaws } = json;
        if (flaws.length === 0) return { json, text: `${manifests} steps, all outputs there` };
        const rows = flaws.map((flaw) => [flaw.stage ?? '–', flaw.output ?? '–', flaw.kind ?? '–', flaw.manifest]);
        return {
          json,
          text: renderTable(['step', 'output', 'is', 'manifest'], rows),
          failure: `${flaws.length} outputs are not whole; put the files back, or let a step be computed again: whencode store forget MANIFEST`,
        };
      },
  );

  clientCommand(
    store
      .command('forget')
      .description('set a step aside, so that it is computed again when it is needed')
      .argument('<manifest>', 'key of the step, as `store check` and error messages name it'),
    (manifest: string) => async (api) => {
      const json = await ask(api.store.forget.$post({ json: { manifest } }));
      const then = '`whencode iteration retry` goes on with a campaign that is blocked by it';
      return { json, text: `${manifest} is set aside; ${then}` };
    },
  );
}
