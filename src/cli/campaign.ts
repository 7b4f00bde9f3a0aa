/** `whencode campaign …`: start, look at and steer campaigns. */

import type { Command } from 'commander';
import { ask, inPath } from '../api/client.ts';
import { healthOf } from '../campaigns/health.ts';
import type { CampaignSummary } from '../db/views.ts';
import { shortDigest } from '../formats/for-people.ts';
import { metricsIn } from '../scoring/metrics.ts';
import { askedBy, REQUEST_ID_OPTION, type RequestIdOption, steeringCommand } from './asking.ts';
import { addRecoveryCommands } from './campaign-recovery.ts';
import { clientCommand } from './client-command.ts';
import { homeOf } from './context.ts';
import { JSON_OPTION, type JsonOption, parseCount } from './options.ts';
import { describeLost, renderCampaign, renderSettingsChange } from './render-campaign.ts';
import { SET_OPTION, settingsBody } from './settings-option.ts';
import type { StartOptions } from './start-campaign.ts';
import { measureCells, renderTable } from './table.ts';
import { watchCampaign } from './watch-campaign.ts';

export function addCampaignCommand(program: Command): void {
  const campaign = program.command('campaign').description('start, look at and steer campaigns');

  campaign
    .command('start')
    .description('check a campaign file and start it')
    .argument('<file>', 'campaign file (YAML)')
    .option('--name <name>', 'instead of the name in the file')
    .option(...SET_OPTION)
    .option('--dry-run', 'check everything, print the plan, start nothing')
    .option('--wait', 'stay until it ends; the exit code says how')
    .option(...JSON_OPTION)
    .action(async (file: string, options: StartOptions, command: Command) => {
      // The checks load most of the product.
      const { startCampaign } = await import('./start-campaign.ts');
      await startCampaign(file, options, command);
    });

  campaign
    .command('watch')
    .description(
      'follow a campaign until it ends; Ctrl-C ends the command alone, the exit code says how the campaign ended',
    )
    .argument('<id>')
    .option(...JSON_OPTION)
    .action(async (id: string, options: JsonOption, command: Command) => watchCampaign(homeOf(command), id, options));

  clientCommand(campaign.command('list').description('all campaigns, newest first'), () => async (api) => {
    const { campaigns } = await ask(api.campaigns.$get());
    return { json: campaigns, text: renderCampaigns(campaigns) };
  });

  clientCommand(
    campaign.command('show').description('stages, metrics and checkpoints of a campaign').argument('<id>'),
    (id: string) => async (api) => {
      const json = await ask(api.campaigns[':id'].$get({ param: inPath({ id }) }));
      return { json, text: renderCampaign(json) };
    },
  );

  steeringCommand(
    campaign
      .command('pause')
      .description('begin no further step; what is in flight is finished and kept')
      .argument('<id>'),
    (api, asked) => ask(api.campaigns[':id'].pause.$post(asked)),
    (id) => `${id} is asked to pause; \`whencode campaign resume ${id}\` goes on`,
  );

  steeringCommand(
    campaign.command('resume').description('go on after a pause').argument('<id>'),
    (api, asked) => ask(api.campaigns[':id'].resume.$post(asked)),
    (id) => `${id} goes on`,
  );

  clientCommand(
    campaign
      .command('stop')
      .description('end a campaign; finished steps are kept, and `extend` goes on from them')
      .argument('<id>')
      .option('--after-iteration', 'let the iteration under way end first')
      .option(...REQUEST_ID_OPTION),
    (id: string, options: RequestIdOption & { afterIteration?: boolean }) => async (api) => {
      const when = options.afterIteration === true ? 'after-iteration' : 'now';
      const json = await ask(
        api.campaigns[':id'].stop.$post({ param: inPath({ id }), json: { ...askedBy(options), when } }),
      );
      return { json, text: when === 'now' ? `${id} is asked to stop` : `${id} stops after this iteration` };
    },
  );

  clientCommand(
    campaign
      .command('extend')
      .description('plan more iterations, also for a campaign that has ended')
      .argument('<id>')
      .requiredOption('--iterations <n>', 'iterations to add', parseCount)
      .option(...REQUEST_ID_OPTION),
    (id: string, options: RequestIdOption & { iterations: number }) => async (api) => {
      const body = { ...askedBy(options), iterations: options.iterations };
      const json = await ask(api.campaigns[':id'].extend.$post({ param: inPath({ id }), json: body }));
      return { json, text: `${id} runs to iteration ${json.iterationsPlanned}` };
    },
  );

  clientCommand(
    campaign
      .command('set')
      .description('change hyper-parameters from the next iteration on')
      .argument('<id>')
      .argument('<key=value...>', 'settings by name, e.g. train.optimizer.learningRate=1e-4 alpha=4')
      .option(...REQUEST_ID_OPTION),
    async (id: string, texts: string[], options: RequestIdOption) => {
      const body = { ...askedBy(options), settings: await settingsBody(texts) };
      return async (api) => {
        const json = await ask(api.campaigns[':id'].settings.$post({ param: inPath({ id }), json: body }));
        return { json, text: renderSettingsChange(json) };
      };
    },
  );

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
    ['id', 'status', 'method', 'iteration', ...OVERVIEW.map(({ label }) => label), 'health', 'head', 'started'],
    campaigns.map((item) => [
      item.id,
      item.lost === true ? 'lost' : item.status,
      item.method ?? '–',
      `${item.iterationsDone}/${item.iterationsPlanned ?? '?'}`,
      ...measureCells(OVERVIEW, item.latest?.metrics),
      healthOf({ campaign: item }).level,
      shortDigest(item.head),
      item.createdAt.slice(0, 16).replace('T', ' '),
    ]),
  );
}
