import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ask, connectToHome } from '../api/client.ts';
import { readEnvironment } from '../config/environment.ts';
import { HomeInUse } from '../process/home-lock.ts';
import { PortInUse } from '../process/port.ts';
import { startStack } from '../workers/stack.ts';
import { homeOf } from './context.ts';
import { CommandFailure } from './exit.ts';
import { parsePort } from './options.ts';
import { describeLost } from './render-campaign.ts';
import { print } from './terminal.ts';

/** `whencode up`: everything on this machine, until Ctrl-C. */
export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('Start the whole stack on this machine: Temporal server, control with API and pages, workers')
    .option('--port <number>', 'of the API and pages; default: the last one used, else 7420', parsePort)
    .action(async (options: { readonly port?: number }, command: Command) => {
      const home = resolve(homeOf(command));
      const environment = readEnvironment();
      const { temporal, payloadKeyFile } = environment;
      await access(temporal, constants.X_OK).catch(() => {
        throw new CommandFailure(`there is no Temporal server at ${temporal}; install it with \`npm run setup\``);
      });
      const stopping = nextStopSignal();
      const note = (text: string): void => print(`${new Date().toISOString()} ${text}`);
      const apiPort = options.port === undefined ? {} : { apiPort: options.port };
      const stack = await startStack({
        home,
        temporal,
        payloadKeyFile,
        places: environment,
        onNote: note,
        ...apiPort,
      }).catch((error: unknown) => {
        throw error instanceof HomeInUse || error instanceof PortInUse ? new CommandFailure(error.message) : error;
      });
      const link = await Promise.race([stopping, waitForLink(home, stopping)]);
      if (link !== undefined) print(`Whencode runs on ${home}\n  page (opens once): ${link}\n  Ctrl-C stops it`);
      // Not awaited: a slow answer must not keep the stack from being stopped.
      if (link !== undefined) void tellLost(home);
      await stopping;
      note('stopping');
      await stack.stop();
    });
}

/** Campaigns that a Temporal server with a new database knows nothing of. `campaign list` says so too. */
async function tellLost(home: string): Promise<void> {
  const { campaigns } = await connectToHome(home)
    .then(({ api }) => ask(api.campaigns.$get()))
    .catch(() => ({ campaigns: [] }));
  for (const { id, lost } of campaigns) if (lost === true) print(`  ${describeLost(id)}`);
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function nextStopSignal(): Promise<undefined> {
  return new Promise((resolveStop) => {
    const onSignal = (): void => {
      resolveStop(undefined);
      process.once('SIGINT', () => process.exit(1));
    };
    process.once('SIGINT', onSignal);
    process.once('SIGTERM', onSignal);
  });
}

const POLL_MS = 300;

/** A one-time link to the page, once the control process answers; undefined where the stack is stopped before. */
async function waitForLink(home: string, stopping: Promise<undefined>): Promise<string | undefined> {
  let isStopping = false;
  // Else asking would keep the process of a stack that was stopped before it answered.
  void stopping.then(() => {
    isStopping = true;
  });
  for (;;) {
    if (isStopping) return undefined;
    try {
      return (await ask((await connectToHome(home)).api.links.$post())).url;
    } catch {
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
  }
}
