/** Serves the app on loopback, on IPv4 and on IPv6, or behind a port that another process holds. */
import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { LOOPBACK, listenIfThere } from '../process/held-port.ts';
import { Access, type AccessOptions } from './access.ts';
import { createApp } from './app.ts';
import { createLink } from './entry.tsx';
import { type SessionStore, sessionsInMemory } from './session-file.ts';

export interface ServeOptions extends Pick<AccessOptions, 'readToken' | 'nowMs'> {
  /** 0 = a free one. */
  readonly port: number;
  /** Where another process holds the port: the Unix socket through which it passes connections on. */
  readonly socketPath?: string | undefined;
  /** Default: in memory. */
  readonly sessions?: SessionStore;
  readonly log: (message: string, error: unknown) => void;
}

export interface RunningServer {
  /** e.g. `http://127.0.0.1:7420` */
  readonly url: string;
  /** `name:port` of the pages. The name is a secret of this server and its readers. */
  readonly pageHost: string;
  readonly port: number;
  /** A link that opens the page in a browser, once, within ten minutes. */
  createLink(): Promise<string>;
  close(): Promise<void>;
}

/** Rejects when the address is taken. */
export async function serveApp(deps: CampaignDeps, options: ServeOptions): Promise<RunningServer> {
  const { log, socketPath, sessions: store = sessionsInMemory() } = options;
  const { pageName } = store;
  let port = options.port;
  const address = () => `${LOOPBACK[0]}:${port}`;
  const pageHost = () => `${pageName}:${port}`;
  const hosts = () => new Set(['127.0.0.1', 'localhost', '[::1]', pageName].map((name) => `${name}:${port}`));
  const access = new Access({ ...options, store, address });
  const { fetch } = createApp(deps, { access, hosts, pageHost, log });
  const servers: ServerType[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(endServer));
  };
  try {
    if (socketPath !== undefined) {
      const server = createAdaptorServer({ fetch });
      await listenOnSocket(server, socketPath);
      servers.push(server);
    } else {
      // Browsers try `localhost` names by IPv6 too: no other program may answer there.
      for (const host of LOOPBACK) {
        const server = createAdaptorServer({ fetch });
        if (!(await listenIfThere(server, host, port))) continue;
        servers.push(server);
        port = (server.address() as AddressInfo).port;
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: `http://${address()}`,
    pageHost: pageHost(),
    port,
    createLink: () => createLink(access, pageHost),
    close,
  };
}

/** The file of a process that was killed is in the way. */
async function listenOnSocket(server: ServerType, path: string): Promise<void> {
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}

const endServer = (server: ServerType): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    // Event streams stay open for hours, so they are closed here.
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
