import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ask, connectToHome } from '../api/client.ts';
import { type Environment, readEnvironment } from '../config/environment.ts';
import { HomeInUse } from '../process/home-lock.ts';
import { PortInUse } from '../process/port.ts';
import { WORKER_ROLES, type WorkerRole } from '../protocol/queues.ts';
import { readTemporalServer } from '../temporal/server.ts';
import { startStack } from '../workers/stack.ts';
import { homeOf } from './context.ts';
import { CommandFailure, UsageError } from './exit.ts';
import { parsePort } from './options.ts';
import { describeLost } from './render-campaign.ts';
import { nextStopSignal } from './stop-signal.ts';
import { print } from './terminal.ts';

/** `whencode up`: everything on this machine, until Ctrl-C. */
export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('Start the whole stack on this machine: Temporal server, control with API and pages, workers')
    .option(
      '--roles <names>',
      `only these here, with commas: ${WORKER_ROLES.join(',')}; the others run elsewhere`,
      parseRoles,
    )
    .option('--port <number>', 'of the API and pages; default: the last one used, else 7420', parsePort)
    .action(async (options: UpOptions, command: Command) => {
      const home = resolve(homeOf(command));
      const environment = readEnvironment();
      const { temporal, payloadKeyFile } = environment;
      const { roles = WORKER_ROLES } = options;
      const server = readTemporalServer(environment.temporalVariables);
      if (server === undefined) await requireEmbedded(temporal, roles);
      else requireSharedStore(environment, roles);
      const stopping = nextStopSignal();
      const waiting = new AbortController();
      void stopping.then(() => waiting.abort());
      const note = (text: string): void => print(`${new Date().toISOString()} ${text}`);
      const apiPort = options.port === undefined ? {} : { apiPort: options.port };
      const stack = await startStack({
        home,
        temporal,
        payloadKeyFile,
        places: environment,
        server,
        roles,
        signal: waiting.signal,
        onNote: note,
        ...apiPort,
      }).catch((error: unknown) => {
        if (waiting.signal.aborted) return undefined;
        throw error instanceof HomeInUse || error instanceof PortInUse ? new CommandFailure(error.message) : error;
      });
      if (stack === undefined) return;
      if (!roles.includes('control')) {
        print(`Whencode runs ${roles.join(', ')} on ${home}, for ${stack.temporalAddress}\n  Ctrl-C stops it`);
        await stopping;
        note('stopping');
        return stack.stop();
      }
      const link = await Promise.race([stopping, waitForLink(home, stopping)]);
      if (link !== undefined) print(`Whencode runs on ${home}\n  page (opens once): ${link}\n  Ctrl-C stops it`);
      // Not awaited: a slow answer must not keep the stack from being stopped.
      if (link !== undefined) void tellLost(home);
      await stopping;
      note('stopping');
      await stack.stop();
    });
}

interface UpOptions {
  readonly port?: number;
  readonly roles?: readonly WorkerRole[];
}

function parseRoles(text: string): readonly WorkerRole[] {
  const names = text.split(',').map((name) => name.trim());
  return names.map((name) => {
    const role = WORKER_ROLES.find((known) => known === name);
    if (role === undefined)
      throw new UsageError(`--roles: "${name}" is no role; allowed are ${WORKER_ROLES.join(', ')}, with commas`);
    return role;
  });
}

/** @throws CommandFailure without the program, UsageError for roles that no process elsewhere could complete */
async function requireEmbedded(temporal: string, roles: readonly WorkerRole[]): Promise<void> {
  if (WORKER_ROLES.some((role) => !roles.includes(role)))
    throw new UsageError(
      '--roles: the other roles, on other machines, need a Temporal server that they reach too; name it by TEMPORAL_ADDRESS here and there',
    );
  await access(temporal, constants.X_OK).catch(() => {
    throw new CommandFailure(`there is no Temporal server at ${temporal}; install it with \`npm run setup\``);
  });
}

/** @throws UsageError for roles on several machines with a store in the home folder of one */
function requireSharedStore({ store }: Environment, roles: readonly WorkerRole[]): void {
  if (store === undefined && WORKER_ROLES.some((role) => !roles.includes(role)))
    throw new UsageError(
      '--roles: every machine needs the same artifact store; name it by WHENCODE_STORE, a bucket or a folder that all of them see',
    );
}

/** Campaigns that a Temporal server with a new database knows nothing of. `campaign list` says so too. */
async function tellLost(home: string): Promise<void> {
  const { campaigns } = await connectToHome(home)
    .then(({ api }) => ask(api.campaigns.$get()))
    .catch(() => ({ campaigns: [] }));
  for (const { id, lost } of campaigns) if (lost === true) print(`  ${describeLost(id)}`);
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
