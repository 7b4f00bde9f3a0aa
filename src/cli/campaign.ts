/** `whencode campaign …`: start, look at and steer campaigns. */

import type { Command } from 'commander';
import { ask, inPath } from '../api/client.ts';
import type { CampaignSummary } from '../db/views.ts';
import { shortDigest } from '../formats/for-people.ts';
import { metricsIn } from '../scoring/metrics.ts';
import { askedBy, REQUEST_ID_OPTION, type RequestIdOption } from './asking.ts';
import { addRecoveryCommands } from './campaign-recovery.ts';
import { answer, apiOf } from './context.ts';
import { JSON_OPTION, type JsonOption, parseCount } from './options.ts';
import { describeLost, renderCampaign, renderSettingsChange } from './render-campaign.ts';
import { settingsBody } from './settings-option.ts';
import { startCampaign } from './start-campaign.ts';
import { measureCells, renderTable } from './table.ts';

export function addCampaignCommand(program: Command): void {
  const campaign = program.command('campaign').description('start, look at and steer campaigns');

  campaign
    .command('start')
    .description('check a campaign file and start it')
    .argument('<file>', 'campaign file (YAML)')
    .option('--dry-run', 'check everything, print the plan, start nothing')
    .option('--wait', 'stay until it ends; the exit code says how')
    .option(...JSON_OPTION)
    .action((file: string, options: JsonOption & { dryRun?: boolean; wait?: boolean }, command: Command) =>
      startCampaign(file, options, command),
    );

  campaign
    .command('list')
    .description('all campaigns, newest first')
    .option(...JSON_OPTION)
    .action(async (options: JsonOption, command: Command) => {
      const { campaigns } = await ask((await apiOf(command)).campaigns.$get());
      answer(options, campaigns, () => renderCampaigns(campaigns));
    });

  campaign
    .command('show')
    .description('stages, metrics and checkpoints of a campaign')
    .argument('<id>')
    .option(...JSON_OPTION)
    .action(async (id: string, options: JsonOption, command: Command) => {
      const shown = await ask((await apiOf(command)).campaigns[':id'].$get({ param: inPath({ id }) }));
      answer(options, shown, () => renderCampaign(shown.campaign, shown.live, shown.settingsChanged));
    });

  campaign
    .command('pause')
    .description('begin no further step; what is in flight is finished and kept')
    .argument('<id>')
    .option(...REQUEST_ID_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, options: RequestIdOption & JsonOption, command: Command) => {
      const asked = await ask(
        (await apiOf(command)).campaigns[':id'].pause.$post({ param: inPath({ id }), json: askedBy(options) }),
      );
      answer(options, asked, () => `${id} is asked to pause; \`whencode campaign resume ${id}\` goes on`);
    });

  campaign
    .command('resume')
    .description('go on after a pause')
    .argument('<id>')
    .option(...REQUEST_ID_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, options: RequestIdOption & JsonOption, command: Command) => {
      const asked = await ask(
        (await apiOf(command)).campaigns[':id'].resume.$post({ param: inPath({ id }), json: askedBy(options) }),
      );
      answer(options, asked, () => `${id} goes on`);
    });

  campaign
    .command('stop')
    .description('end a campaign; finished steps are kept, and `extend` goes on from them')
    .argument('<id>')
    .option('--after-iteration', 'let the iteration under way end first')
    .option(...REQUEST_ID_OPTION)
    .option(...JSON_OPTION)
    .action(
      async (id: string, options: RequestIdOption & JsonOption & { afterIteration?: boolean }, command: Command) => {
        const when = options.afterIteration === true ? 'after-iteration' : 'now';
        const asked = await ask(
          (await apiOf(command)).campaigns[':id'].stop.$post({
            param: inPath({ id }),
            json: { ...askedBy(options), when },
          }),
        );
        answer(options, asked, () => (when === 'now' ? `${id} is asked to stop` : `${id} stops after this iteration`));
      },
    );

  campaign
    .command('extend')
    .description('plan more iterations, also for a campaign that has ended')
    .argument('<id>')
    .requiredOption('--iterations <n>', 'iterations to add', parseCount)
    .option(...REQUEST_ID_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, options: RequestIdOption & JsonOption & { iterations: number }, command: Command) => {
      const extended = await ask(
        (await apiOf(command)).campaigns[':id'].extend.$post({
          param: inPath({ id }),
          json: { ...askedBy(options), iterations: options.iterations },
        }),
      );
      answer(options, extended, () => `${id} runs to iteration ${extended.iterationsPlanned}`);
    });

  campaign
    .command('set')
    .description('change hyper-parameters from the next iteration on')
    .argument('<id>')
    .argument('<key=value...>', 'settings by name, e.g. train.optimizer.learningRate=1e-4 alpha=4')
    .option(...REQUEST_ID_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, texts: string[], options: RequestIdOption & JsonOption, command: Command) => {
      const body = { ...askedBy(options), settings: settingsBody(texts) };
      const changed = await ask(
        (await apiOf(command)).campaigns[':id'].settings.$post({ param: inPath({ id }), json: body }),
      );
      answer(options, changed, () => renderSettingsChange(changed));
    });

  addRecoveryCommands(campaign);
}

function renderCampaigns(campaigns: readonly CampaignSummary[]): string {
  if (campaigns.length === 0) return 'No campaign yet; `whencode campaign start FILE` starts one.';
  const lost = campaigns.filter((item) => item.lost === true);
  return [renderRows(campaigns), ...lost.map(({ id }) => describeLost(id))].join('\n');
}

const OVERVIEW = metricsIn('overview');

function renderRows(campaigns: readonly CampaignSummary[]): string {
  return renderTable(
    ['id', 'status', 'method', 'iteration', ...OVERVIEW.map(({ label }) => label), 'alarms', 'head', 'started'],
    campaigns.map((item) => [
      item.id,
      item.lost === true ? 'lost' : item.status,
      item.method ?? '–',
      `${item.iterationsDone}/${item.iterationsPlanned ?? '?'}`,
      ...measureCells(OVERVIEW, item.latest?.metrics),
      item.alarms.map(({ kind }) => kind).join(', ') || '–',
      shortDigest(item.head),
      item.createdAt.slice(0, 16).replace('T', ' '),
    ]),
  );
}
