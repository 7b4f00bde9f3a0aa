/** `whencode campaign recover|fork|journal`: going on from the artifact store. */

import type { Command } from 'commander';
import { ask, inPath } from '../api/client.ts';
import { shortDigest } from '../formats/for-people.ts';
import { whoAsks } from './asking.ts';
import { clientCommand } from './client-command.ts';
import { parseCount } from './options.ts';
import { SET_OPTION, type SetOption, settingsBody } from './settings-option.ts';
import { withSkipped } from './skipped-entries.ts';
import { renderTable } from './table.ts';

interface ForkOptions extends SetOption {
  readonly name: string;
  readonly iterations?: number;
}

export function addRecoveryCommands(campaign: Command): void {
  clientCommand(
    campaign
      .command('recover')
      .description(
        "go on from the artifact store where Temporal's record of a campaign is lost; no finished step runs again",
      )
      .argument('<id>'),
    (id: string) => async (api) => {
      const json = await ask(api.campaigns[':id'].recover.$post({ param: inPath({ id }), json: { by: whoAsks() } }));
      const then = json.paused ? `, paused as it was; \`whencode campaign resume ${id}\` goes on` : '';
      return { json, text: withSkipped(`${id} goes on after iteration ${json.iterationsDone}${then}`, json.skipped) };
    },
  );

  clientCommand(
    campaign
      .command('journal')
      .description('what people asked of a campaign, when and who, and the states that it can go on from')
      .argument('<id>'),
    (id: string) => async (api) => {
      const { entries, skipped } = await ask(api.campaigns[':id'].journal.$get({ param: inPath({ id }) }));
      const rows = entries.map(({ at, kind, details }) => [at, kind, JSON.stringify(details)]);
      return { json: entries, text: withSkipped(renderTable(['at', 'what', 'details'], rows), skipped) };
    },
  );

  clientCommand(
    campaign
      .command('fork')
      .description('start a new campaign from a checkpoint of another, with other settings if wanted')
      .argument('<campaign>', '<id> (its head), <id>/<iteration>, or a checkpoint digest or its first digits')
      .requiredOption('--name <name>', 'of the new campaign')
      .option(...SET_OPTION)
      .option('--iterations <n>', 'to run; default: what the other has left, at least one', parseCount),
    async (id: string, { name, set, iterations }: ForkOptions) => {
      const { ALL_SETTINGS, resolveSetting } = await import('../config/settings.ts');
      const settings = await settingsBody(set, (setting) => resolveSetting(setting, ALL_SETTINGS));
      const body = { by: whoAsks(), name, settings, ...(iterations === undefined ? {} : { iterations }) };
      return async (api) => {
        const json = await ask(api.campaigns[':id'].fork.$post({ param: inPath({ id }), json: body }));
        const { campaignId, iteration, checkpoint } = json.forkedFrom;
        const from = `${campaignId}/${iteration} (${shortDigest(checkpoint)})`;
        return { json, text: `${json.id} begins at ${from} and runs to iteration ${json.iterationsPlanned}` };
      };
    },
  );
}
