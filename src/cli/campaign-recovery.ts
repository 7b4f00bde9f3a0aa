/** `whencode campaign recover|fork|journal`: going on from the artifact store. */

import type { Command } from 'commander';
import { ask, inPath } from '../api/client.ts';
import { ALL_SETTINGS, parseSettings, resolveSetting } from '../config/settings.ts';
import { shortDigest } from '../formats/for-people.ts';
import { whoAsks } from './asking.ts';
import { answer, apiOf } from './context.ts';
import { JSON_OPTION, parseCount } from './options.ts';
import { withSkipped } from './skipped-entries.ts';
import { renderTable } from './table.ts';

export function addRecoveryCommands(campaign: Command): void {
  campaign
    .command('recover')
    .description(
      "go on from the artifact store where Temporal's record of a campaign is lost; no finished step runs again",
    )
    .argument('<id>')
    .option(...JSON_OPTION)
    .action(async (id: string, options: { json?: boolean }, command: Command) => {
      const recovered = await ask(
        (await apiOf(command)).campaigns[':id'].recover.$post({
          param: inPath({ id }),
          json: { by: whoAsks() },
        }),
      );
      const { iterationsDone, paused, skipped } = recovered;
      const then = paused ? `, paused as it was; \`whencode campaign resume ${id}\` goes on` : '';
      answer(options, recovered, () => withSkipped(`${id} goes on after iteration ${iterationsDone}${then}`, skipped));
    });

  campaign
    .command('journal')
    .description('what people asked of a campaign, when and who, and the states that it can go on from')
    .argument('<id>')
    .option(...JSON_OPTION)
    .action(async (id: string, options: { json?: boolean }, command: Command) => {
      const { entries, skipped } = await ask(
        (await apiOf(command)).campaigns[':id'].journal.$get({ param: inPath({ id }) }),
      );
      const rows = entries.map(({ at, kind, details }) => [at, kind, JSON.stringify(details)]);
      answer(options, entries, () => withSkipped(renderTable(['at', 'what', 'details'], rows), skipped));
    });

  campaign
    .command('fork')
    .description('start a new campaign from a checkpoint of another, with other settings if wanted')
    .argument('<campaign>', '<id> (its head), <id>/<iteration>, or a checkpoint digest or its first digits')
    .requiredOption('--name <name>', 'of the new campaign')
    .option('--set <key=value>', 'change a setting, e.g. train.optimizer.learningRate=1e-4', collect, [])
    .option('--iterations <n>', 'to run; default: what the other has left, at least one', parseCount)
    .option(...JSON_OPTION)
    .action(async (from: string, options: ForkOptions, command: Command) => {
      const settings = parseSettings(options.set, (name) => resolveSetting(name, ALL_SETTINGS));
      const { iterations } = options;
      const body = { by: whoAsks(), name: options.name, settings, ...(iterations === undefined ? {} : { iterations }) };
      const forked = await ask(
        (await apiOf(command)).campaigns[':id'].fork.$post({ param: inPath({ id: from }), json: body }),
      );
      const { campaignId, iteration, checkpoint } = forked.forkedFrom;
      answer(
        options,
        forked,
        () =>
          `${forked.id} begins at ${campaignId}/${iteration} (${shortDigest(checkpoint)}) and runs to iteration ${forked.iterationsPlanned}`,
      );
    });
}

interface ForkOptions {
  readonly name: string;
  readonly set: string[];
  readonly iterations?: number;
  readonly json?: boolean;
}

const collect = (text: string, before: string[]): string[] => [...before, text];
