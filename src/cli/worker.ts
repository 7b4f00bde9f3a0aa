import type { Command } from 'commander';
import { readEnvironment } from '../config/environment.ts';
import { readStackState } from '../process/stack-file.ts';
import { WORKER_ROLES, type WorkerRole } from '../protocol/queues.ts';
import { embeddedServer, readTemporalServer, type TemporalServer } from '../temporal/server.ts';
import { runRole } from '../workers/run-role.ts';
import { homeOf } from './context.ts';
import { CommandFailure, UsageError } from './exit.ts';
import { parsePort } from './options.ts';

interface WorkerCommandOptions {
  readonly address?: string;
  readonly port: number;
}

/** `whencode worker ROLE`: one role as a process of its own, here or on another machine that sees the same store. */
export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('Run one role as a process (`whencode up` starts all of them)')
    .argument('<role>', WORKER_ROLES.join(', '))
    .option(
      '--address <host:port>',
      'of the Temporal server; default: TEMPORAL_ADDRESS, else the one of the stack that runs in the home folder',
    )
    .option('--port <number>', 'of the API and pages (control only)', parsePort, 7420)
    .action(async (role: string, options: WorkerCommandOptions, command: Command) => {
      const home = homeOf(command);
      await runRole({
        role: parseRole(role),
        home,
        server: readTemporalServer(readEnvironment().temporalVariables, options.address) ?? (await serverIn(home)),
        port: options.port,
        followsParent: false,
      });
      // Native threads of a closed engine may linger.
      process.exit(0);
    });
}

/** @throws CommandFailure where no stack runs in the home folder */
async function serverIn(home: string): Promise<TemporalServer> {
  const state = await readStackState(home);
  if (state?.pids.temporal === undefined)
    throw new CommandFailure(
      `no stack runs in ${home}; name a server by --address or TEMPORAL_ADDRESS, or start one with \`whencode up\``,
    );
  return embeddedServer(state.temporalPort);
}

function parseRole(text: string): WorkerRole {
  const role = WORKER_ROLES.find((name) => name === text);
  if (role === undefined) throw new UsageError(`"${text}" is no role; allowed are ${WORKER_ROLES.join(', ')}`);
  return role;
}
