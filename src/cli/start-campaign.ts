/** `campaign start`: check, perhaps only plan, start, perhaps wait. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { ask, type Client, connectToHome, inPath } from '../api/client.ts';
import { ClientError } from '../api/client-error.ts';
import type { ScorePrompts } from '../campaigns/check-prefixes.ts';
import { createPreflight } from '../campaigns/preflight.ts';
import { readEnvironment, readPathVariables } from '../config/environment.ts';
import { loadCampaign } from '../config/load.ts';
import type { CampaignDetail } from '../db/views.ts';
import { follow } from '../process/follow.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import { answer, clientOf, homeOf } from './context.ts';
import { CommandFailure } from './exit.ts';
import { renderCampaign, renderLive } from './render-campaign.ts';
import { renderPlan } from './render-plan.ts';
import { print, printError } from './terminal.ts';

export async function startCampaign(
  file: string,
  options: { readonly dryRun?: boolean; readonly wait?: boolean; readonly json?: boolean },
  command: Command,
): Promise<void> {
  const config = await loadCampaign(file, {
    ...readPathVariables(),
    onNote: printError,
  });
  const score: ScorePrompts = async (requests) => {
    const { withSampler } = await import('./open-sampler.ts');
    return withSampler({ model: config.model }, (sampler) => sampler.score(requests));
  };
  const environment = { ...readEnvironment(), home: homeOf(command) };
  const plan = await createPreflight(environment, options.dryRun === true ? score : undefined)(config);
  if (options.dryRun === true) return answer(options, plan, () => renderPlan(config, plan));
  const client = await clientOf(command);
  await ask(client.api.campaigns.$post({ json: config }));
  if (options.wait !== true) {
    const text = `${config.name} has started; \`whencode campaign show ${config.name}\` shows it, \`whencode open\` in a browser`;
    return answer(options, { id: config.name }, () => text);
  }
  const ended = await waitForEnd(homeOf(command), config.name, options.json !== true);
  answer(options, ended, () => renderCampaign(ended, undefined));
  if (ended.status !== 'completed') {
    throw new CommandFailure(
      `${config.name} ended as ${ended.status}${ended.reason === undefined ? '' : `: ${ended.reason}`}`,
    );
  }
}

const RETRY_MS = 2000;
const AWAY_LIMIT_MS = 120_000;

/** Follows the campaign until it ends; a control process that restarts meanwhile is waited for, two minutes long. */
function waitForEnd(home: string, id: string, showProgress: boolean): Promise<CampaignDetail> {
  let shown = '';
  return follow({
    ask: async () => {
      const client = await connectToHome(home);
      return { client, ...(await ask(client.api.campaigns[':id'].$get({ param: inPath({ id }) }))) };
    },
    endOf: ({ campaign, live }) => {
      if (!isOpenStatus(campaign.status)) return campaign;
      const line = live === undefined ? shown : renderLive(live);
      if (showProgress && line !== shown) print(line);
      shown = line;
      return undefined;
    },
    pause: ({ client }) => nextChange(client, id),
    mayPass: (error) => error instanceof ClientError && error.code !== 'not-found',
    awayLimitMs: AWAY_LIMIT_MS,
    retryMs: RETRY_MS,
  });
}

/** Resolves when something of the campaign changed, the server went away, or half a minute has passed. */
async function nextChange(client: Client, id: string): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 30_000);
  try {
    for await (const _ of client.watch(stop.signal, id)) return;
  } catch {
    await sleep(stop.signal.aborted ? 0 : RETRY_MS);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
