/** One worker process from start to end: runs until it gets a signal, or its parent is gone. */
import { resolve } from 'node:path';
import { readEnvironment } from '../config/environment.ts';
import { onParentGone } from '../process/exit-with-parent.ts';
import { logLine } from '../process/log-line.ts';
import { makeHomePrivate } from '../process/private-home.ts';
import { WORKER_ROLES, type WorkerRole } from '../protocol/queues.ts';
import { prepareServer } from '../temporal/prepare-server.ts';
import { embeddedServer, readTemporalServer, type TemporalServer } from '../temporal/server.ts';
import type { RunningWorker } from '../temporal/worker.ts';
import { startControlProcess } from './control-process.ts';
import { startRole } from './roles.ts';

export interface RoleOptions {
  readonly role: WorkerRole;
  readonly home: string;
  readonly server: TemporalServer;
  /** Port of the API; `control` only. */
  readonly port: number;
  /** Where a supervisor holds this port: its Unix socket. */
  readonly socketPath?: string | undefined;
  /** Whether to end when stdin closes: for a supervisor's child. */
  readonly followsParent: boolean;
}

/** Time limit of a shutdown. The steps it interrupts are repeated elsewhere. */
const STOP_LIMIT_MS = 10_000;

/** Resolves after a clean shutdown. @throws when the worker stopped by itself */
export async function runRole(options: RoleOptions): Promise<void> {
  const { role, server, port, socketPath } = options;
  const environment = { ...readEnvironment(), home: resolve(options.home) };
  // A supervisor has done it for its children.
  if (!options.followsParent) await makeHomePrivate(environment.home);
  let stopRequested: () => void = () => undefined;
  const stop = new Promise<void>((done) => {
    stopRequested = done;
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stopRequested);
  if (options.followsParent) onParentGone(stopRequested);
  // Listens during the start too: a server that never comes up must not keep the process alive.
  void stop.then(() => setTimeout(() => process.exit(0), STOP_LIMIT_MS).unref());
  const start = async (): Promise<RunningWorker> => {
    if (role !== 'control') return startRole(role, { server, environment });
    // A supervisor has done it for its children.
    if (!options.followsParent) await prepareServer(server, { onNote: logLine });
    return startControlProcess({ environment, server, port, socketPath });
  };
  const worker = await Promise.race([start(), stop]);
  if (worker === undefined) process.exit(0);
  logLine(`${new Date().toISOString()} ${role} is ready (process ${process.pid})`);
  await Promise.race([stop, worker.ended]);
  await worker.shutdown();
}

/**
 * Entry of the supervisor's children; arguments are role, home, port of the embedded Temporal server (0 where variables name
 * another one), port of the API and, for control, the socket.
 */
export async function runSupervisedRole(given: readonly string[]): Promise<void> {
  const [name, home, temporalPort, port, socketPath] = given;
  const role = WORKER_ROLES.find((known) => known === name);
  const server =
    Number(temporalPort) > 0
      ? embeddedServer(Number(temporalPort))
      : readTemporalServer(readEnvironment().temporalVariables);
  if (role === undefined || home === undefined || server === undefined)
    throw new Error(
      'a worker process needs four arguments: role, home folder, ports of the Temporal server and the API',
    );
  await runRole({ role, home, server, port: Number(port), socketPath, followsParent: true });
}
