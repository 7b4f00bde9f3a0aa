/** One worker process from start to end: runs until it gets a signal, or its parent is gone. */
import { resolve } from 'node:path';
import { readEnvironment } from '../config/environment.ts';
import { onParentGone } from '../process/exit-with-parent.ts';
import { logLine } from '../process/log-line.ts';
import { makeHomePrivate } from '../process/private-home.ts';
import { WORKER_ROLES, type WorkerRole } from '../protocol/queues.ts';
import type { RunningWorker } from '../temporal/worker.ts';
import { startControlProcess } from './control-process.ts';
import { startRole } from './roles.ts';

export interface RoleOptions {
  readonly role: WorkerRole;
  readonly home: string;
  /** Address of the Temporal server, e.g. `127.0.0.1:7233`. */
  readonly address: string;
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
  const { role, address, port, socketPath } = options;
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
  const starting: Promise<RunningWorker> =
    role === 'control'
      ? startControlProcess({ environment, address, port, socketPath })
      : startRole(role, { address, environment });
  const worker = await Promise.race([starting, stop]);
  if (worker === undefined) process.exit(0);
  logLine(`${new Date().toISOString()} ${role} is ready (process ${process.pid})`);
  await Promise.race([stop, worker.ended]);
  await worker.shutdown();
}

/** Entry of the supervisor's children; arguments are role, home, address, port and, for control, the socket. */
export async function runSupervisedRole([name, home, address, port, socketPath]: readonly string[]): Promise<void> {
  const role = WORKER_ROLES.find((known) => known === name);
  if (role === undefined || home === undefined || address === undefined)
    throw new Error('a worker process needs four arguments: role, home folder, Temporal address and API port');
  await runRole({ role, home, address, port: Number(port), socketPath, followsParent: true });
}
