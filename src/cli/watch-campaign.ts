/** Follows a campaign until it ends: `campaign watch`, and `campaign start --wait`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Client, connectToHome, inPath } from '../api/client.ts';
import { ClientError } from '../api/client-error.ts';
import type { CampaignDetail } from '../db/views.ts';
import { follow } from '../process/follow.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import { answer } from './context.ts';
import { CommandFailure } from './exit.ts';
import type { JsonOption } from './options.ts';
import { renderCampaign, renderLive } from './render-campaign.ts';
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
    answer(options, ended, () => renderCampaign(ended, undefined));
    if (ended.status !== 'completed')
      throw new CommandFailure(
        `${id} ended as ${ended.status}${ended.reason === undefined ? '' : `: ${ended.reason}`}`,
      );
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}

/** A control process that restarts meanwhile is waited for. */
function waitForEnd(home: string, id: string, showProgress: boolean): Promise<CampaignDetail> {
  let shown = '';
  return follow({
    ask: async () => {
      const client = await connectToHome(home);
      return { client, ...(await ask(client.api.campaigns[':id'].$get({ param: inPath({ id }) }))) };
    },
    endOf: ({ campaign, live }) => {
      if (!isOpenStatus(campaign.status)) return campaign;
      const line = live === undefined ? `${id} is ${campaign.status}` : renderLive(live);
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
