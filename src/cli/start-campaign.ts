/** `campaign start`: check, perhaps only plan, start, perhaps wait. */

import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import type { ScorePrompts } from '../campaigns/check-prefixes.ts';
import { createPreflight } from '../campaigns/preflight.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { readEnvironment, readPathVariables } from '../config/environment.ts';
import { loadCampaign } from '../config/load.ts';
import { ALL_SETTINGS, applySettings, parseSettings, resolveSetting } from '../config/settings.ts';
import { answer, clientOf, homeOf } from './context.ts';
import { UsageError } from './exit.ts';
import type { JsonOption } from './options.ts';
import { renderPlan } from './render-plan.ts';
import type { SetOption } from './settings-option.ts';
import { printError } from './terminal.ts';
import { watchCampaign } from './watch-campaign.ts';

export interface StartOptions extends JsonOption, SetOption {
  readonly name?: string;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
}

export async function startCampaign(file: string, options: StartOptions, command: Command): Promise<void> {
  const loaded = await loadCampaign(file, {
    ...readPathVariables(),
    onNote: printError,
  });
  const config = withOptions(loaded, options);
  const score: ScorePrompts = async (requests) => {
    const { withSampler } = await import('./open-sampler.ts');
    return withSampler({ model: config.model }, (sampler) => sampler.score(requests));
  };
  const environment = { ...readEnvironment(), home: homeOf(command) };
  const plan = await createPreflight(environment, options.dryRun === true ? score : undefined)(config);
  if (options.dryRun === true) return answer(options, plan, () => renderPlan(config, plan));
  const client = await clientOf(command);
  await ask(client.api.campaigns.$post({ json: config }));
  if (options.wait === true) return watchCampaign(homeOf(command), config.name, options);
  const { name: id } = config;
  const text = `${id} has started; \`whencode campaign watch ${id}\` follows it, \`whencode open\` shows it in a browser`;
  answer(options, { id }, () => text);
}

/** The file with `--set` and `--name`. Paths in the file are absolute by now; those in `--set` are relative to nothing. */
function withOptions(config: CampaignConfig, { set = [], name }: StartOptions): CampaignConfig {
  const settings = parseSettings(set, (given) => resolveSetting(given, ALL_SETTINGS));
  if (Object.hasOwn(settings, 'name')) throw new UsageError('give the name by --name');
  return applySettings(config, { ...settings, ...(name === undefined ? {} : { name }) }, ALL_SETTINGS);
}
