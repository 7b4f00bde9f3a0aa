/** All parts of an installation as supervised processes: Temporal server, control, sample, sandbox, train. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStore } from '../artifacts/open-store.ts';
import type { Places } from '../config/environment.ts';
import { openDatabase } from '../db/database.ts';
import { readOrCreateToken } from '../process/control-address.ts';
import { type HeldPort, holdPort } from '../process/held-port.ts';
import { lockHome } from '../process/home-lock.ts';
import { openHomeStore } from '../process/home-store.ts';
import { logPath, storePath } from '../process/paths.ts';
import { freePort, requireFreePort } from '../process/port.ts';
import { makeHomePrivate } from '../process/private-home.ts';
import { readStackState, type StackState, writeStackState } from '../process/stack-file.ts';
import { type ProcessSpec, type SupervisedProcess, superviseProcess } from '../process/supervised-process.ts';
import { WORKER_ROLES, type WorkerRole } from '../protocol/queues.ts';
import { endSessions } from '../server/session-file.ts';
import { ensurePayloadKey, readPayloadKey } from '../temporal/payload-key.ts';
import { embeddedServer, type TemporalServer } from '../temporal/server.ts';
import { prepareNamespace, temporalServerProcess } from '../temporal/temporal-server.ts';

export interface StackOptions {
  /** Absolute path. */
  readonly home: string;
  /** File of the payload key, see `Environment`. */
  readonly payloadKeyFile?: string | undefined;
  /** What is not in the home folder; default: nothing. The parts read it of their environment. */
  readonly places?: Places;
  /** Path of the Temporal CLI, which is the embedded server. */
  readonly temporal: string;
  /** In place of the embedded server. The parts read it of their environment. */
  readonly server?: TemporalServer | undefined;
  /** Default: all. Others run elsewhere, so they need a server that is not embedded. */
  readonly roles?: readonly WorkerRole[];
  /** Port of API and pages; default: the last one used here, else 7420, else a free one. */
  readonly apiPort?: number;
  /** Ends the waiting for a server. */
  readonly signal?: AbortSignal;
  /** Reports events for people: a part died, a part was restarted. */
  readonly onNote?: (note: string) => void;
}

export interface Stack {
  readonly home: string;
  readonly temporalAddress: string;
  readonly apiPort: number;
  /** Stops every part and releases the home folder. */
  stop(): Promise<void>;
}

const API_PORT = 7420;
const SERVER_START_LIMIT_MS = 60_000;
const WORKER_PROCESS = fileURLToPath(new URL('./worker-process.mjs', import.meta.url));

/**
 * Starts all parts and resolves once the Temporal server is ready; the workers start concurrently. A part that dies is
 * restarted.
 * @throws HomeInUse when another stack runs on the home folder, HomeNotPrivate, PortInUse, StoreError, DatabaseError,
 *   ConfigError where a server that is not embedded refuses us
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { home, temporal, server, roles = WORKER_ROLES, signal, onNote = () => undefined } = options;
  await makeHomePrivate(home);
  const unlock = await lockHome(home);
  const { keyId, held, ...ports } = await prepareHome(options).catch(async (error: unknown) => {
    await unlock();
    throw error;
  });
  const parts: SupervisedProcess[] = [];
  let writing: Promise<void> = Promise.resolve();
  const stop = async (): Promise<void> => {
    // The server stops last: the workers return their running tasks to it.
    const [last, workers] = server === undefined ? [parts[0], parts.slice(1)] : [undefined, parts];
    await Promise.all(workers.map((part) => part.stop()));
    await last?.stop();
    await held?.close();
    await writing;
    await writeStackState(home, { ...ports, pids: {} });
    await unlock();
  };
  const pids: Record<string, number> = {};
  const save = (): void => {
    const state: StackState = { ...ports, pids: { ...pids } };
    writing = writing.then(() => writeStackState(home, state)).catch((error: unknown) => onNote(`${error}`));
  };
  const supervise = (spec: ProcessSpec): void => {
    const part = superviseProcess(spec, {
      onStart: (name, pid) => {
        pids[name] = pid;
        save();
      },
      onDeath: (name, how, restartInMs) => {
        delete pids[name];
        save();
        onNote(`${name} ended (${how}), starts again in ${(restartInMs / 1000).toFixed(1)} s; log: ${spec.logFile}`);
      },
    });
    parts.push(part);
  };
  const { address: temporalAddress } = server ?? embeddedServer(ports.temporalPort);
  try {
    if (server === undefined) {
      const logFile = logPath(home, 'temporal');
      supervise(temporalServerProcess({ temporal, home, port: ports.temporalPort, keyId, logFile }));
    } else {
      // Loaded here: the embedded server is prepared without the SDK's native part.
      const { prepareServer, waitForServer } = await import('../temporal/prepare-server.ts');
      await (roles.includes('control') ? prepareServer : waitForServer)(server, { signal, onNote });
    }
    const temporalPort = server === undefined ? ports.temporalPort : 0;
    for (const role of roles) supervise(workerProcess(role, home, temporalPort, ports.apiPort, held));
    if (server === undefined) await prepareNamespace(temporalAddress, SERVER_START_LIMIT_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  return { home, temporalAddress, apiPort: ports.apiPort, stop };
}

/**
 * Checks once for problems that would make every part die at its start: a store of another version, a database that can't
 * be opened, a port in use, no token, no payload key.
 */
async function prepareHome({ home, apiPort, payloadKeyFile, places, roles = WORKER_ROLES }: StackOptions) {
  const last = await readStackState(home);
  const ports = {
    temporalPort: await freePort(last?.temporalPort),
    apiPort: apiPort === undefined ? await freePort(last?.apiPort ?? API_PORT) : await requireFreePort(apiPort),
  };
  await (places === undefined ? openStore(storePath(home)) : openHomeStore(home, places));
  await mkdir(dirname(logPath(home, 'any')), { recursive: true });
  if (!roles.includes('control')) {
    // The key of the installation is made beside control: one that is made here would fit nothing.
    const { id: keyId } = await readPayloadKey({ home, payloadKeyFile });
    return { ...ports, keyId, held: undefined };
  }
  if (places?.databaseUrl !== undefined) await (await openDatabase(places.databaseUrl)).close();
  await readOrCreateToken(home);
  const { id: keyId } = await ensurePayloadKey({ home, payloadKeyFile });
  // While the port was free, another program may have listened there.
  await endSessions(home);
  return { ...ports, keyId, held: await holdPort(ports.apiPort, home) };
}

function workerProcess(
  role: WorkerRole,
  home: string,
  temporalPort: number,
  port: number,
  held: HeldPort | undefined,
): ProcessSpec {
  return {
    name: role,
    command: process.execPath,
    args: [
      ...[WORKER_PROCESS, role, home, `${temporalPort}`, `${port}`],
      ...(role === 'control' && held !== undefined ? [held.socketPath] : []),
    ],
    logFile: logPath(home, role),
  };
}
