/**
 * Holds the port of a server that another process runs, and passes its connections on through a Unix socket. While that
 * process is down, no other program can take the port and collect what browsers send to it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../formats/error-code.ts';

/** Time that a connection waits for a server that starts again. */
const WAIT_MS = 20_000;
const RETRY_MS = 100;
/** Open connections; event streams have a limit of their own. */
const MOST_CONNECTIONS = 512;
/** Longest path of a Unix socket on all systems. */
const LONGEST_SOCKET_PATH = 100;
/** Codes of an address that this machine does not have. */
const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

export const LOOPBACK = ['127.0.0.1', '::1'] as const;

export interface HeldPort {
  /** Where the server has to listen. Only the owner of the folder can reach it. */
  readonly socketPath: string;
  close(): Promise<void>;
}

/**
 * Listens on the port, on IPv4 and on IPv6, until `close`.
 *
 * @param folder a folder that only its owner can enter, for the socket
 * @throws what `listen` throws, e.g. EADDRINUSE
 * @example const { socketPath } = await holdPort(7420, '/home/ada/.whencode');
 */
export async function holdPort(port: number, folder: string): Promise<HeldPort> {
  const inFolder = join(folder, 'control.sock');
  const isLong = Buffer.byteLength(inFolder) > LONGEST_SOCKET_PATH;
  const shortFolder = isLong ? await mkdtemp(join(tmpdir(), 'whencode-')) : undefined;
  const socketPath = shortFolder === undefined ? inFolder : join(shortFolder, 'control.sock');
  const open = new Set<Socket>();
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    for (const socket of open) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    if (shortFolder !== undefined) await rm(shortFolder, { recursive: true, force: true });
  };
  try {
    for (const host of LOOPBACK) {
      const server = createServer({ allowHalfOpen: true }, (near) => {
        open.add(near);
        near.once('close', () => open.delete(near));
        void passOn(near, socketPath);
      });
      server.maxConnections = MOST_CONNECTIONS;
      if (await listenIfThere(server, host, port)) servers.push(server);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { socketPath, close };
}

/** False on a machine without the address. */
export function listenIfThere(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (host !== '127.0.0.1' && NO_SUCH_ADDRESS.has(errorCode(error) ?? '')) resolve(false);
      else reject(error);
    });
    server.listen({ host, port }, () => resolve(true));
  });
}

async function passOn(near: Socket, socketPath: string): Promise<void> {
  near.on('error', () => near.destroy());
  const until = performance.now() + WAIT_MS;
  let far = await dial(socketPath);
  while (far === undefined && !near.destroyed && performance.now() < until) {
    await sleep(RETRY_MS);
    far = await dial(socketPath);
  }
  if (far === undefined || near.destroyed) {
    near.destroy();
    far?.destroy();
    return;
  }
  // Each ends the other, also when it fails.
  pipeline(near, far, () => undefined);
  pipeline(far, near, () => undefined);
}

/** Undefined where nothing listens. */
function dial(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
