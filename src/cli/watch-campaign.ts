/** Follows a campaign until it ends: `campaign watch`, and `campaign start --wait`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Client, connectToHome, inPath } from '../api/client.ts';
import { ClientError } from '../api/client-error.ts';
import type { ShownCampaign } from '../campaigns/show-campaign.ts';
import { follow } from '../process/follow.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import { answer } from './context.ts';
import { CommandFailure } from './exit.ts';
import type { JsonOption } from './options.ts';
import { renderCampaign, renderHealth, renderLive } from './render-campaign.ts';
import { print, printError } from './terminal.ts';

const RETRY_MS = 2000;
const AWAY_LIMIT_MS = 120_000;
const LOOK_AGAIN_MS = 30_000;
/** As a shell reports a command that Ctrl-C ended. */
const INTERRUPTED = 130;

/**
 * Prints what is under way whenever it changes, and the campaign when it has ended.
 *
 * @throws CommandFailure if it did not complete; ClientError `not-found`, or when control was away for two minutes
 */
export async function watchCampaign(home: string, id: string, options: JsonOption): Promise<void> {
  const onInterrupt = (): void => {
    printError(`${id} goes on; \`whencode campaign watch ${id}\` follows it again`);
    process.exit(INTERRUPTED);
  };
  process.once('SIGINT', onInterrupt);
  try {
    const ended = await waitForEnd(home, id, options.json !== true);
    const { status, reason } = ended.campaign;
    answer(options, ended.campaign, () => renderCampaign(ended));
    if (status !== 'completed')
      throw new CommandFailure(`${id} ended as ${status}${reason === undefined ? '' : `: ${reason}`}`);
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}

/** Waits out a restart of the control process. Prints the health where there is something to do about it. */
function waitForEnd(home: string, id: string, showProgress: boolean): Promise<ShownCampaign> {
  let [shown, advised] = ['', ''];
  return follow({
    ask: async () => {
      const client = await connectToHome(home);
      return { client, ...(await ask(client.api.campaigns[':id'].$get({ param: inPath({ id }) }))) };
    },
    endOf: ({ client: _, ...of }) => {
      const { campaign, health, live } = of;
      if (!isOpenStatus(campaign.status)) return of;
      const line = live === undefined ? `${id} is ${campaign.status}` : renderLive(live);
      const advice = health.action === undefined ? '' : renderHealth(health);
      if (showProgress && line !== shown) print(line);
      if (showProgress && advice !== '' && advice !== advised) print(advice);
      [shown, advised] = [line, advice];
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
  const timer = setTimeout(() => stop.abort(), LOOK_AGAIN_MS);
  try {
    for await (const _ of client.watch(stop.signal, id)) return;
  } catch {
    await sleep(stop.signal.aborted ? 0 : RETRY_MS);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
