/** Serves the app on loopback, on IPv4 and on IPv6. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { errorCode } from '../formats/error-code.ts';
import { Access, type AccessOptions } from './access.ts';
import { createApp } from './app.ts';
import { createLink } from './entry.tsx';

export interface ServeOptions extends Pick<AccessOptions, 'readToken' | 'nowMs'> {
  /** 0 = a free one. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
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

type Server = ReturnType<typeof serve>;

const LOOPBACK = ['127.0.0.1', '::1'] as const;
const NAMES = new Set<string>([...LOOPBACK, 'localhost']);
/** Codes of an address that this machine does not have. */
const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** Rejects when the address is taken or not allowed. */
export async function serveApp(deps: CampaignDeps, options: ServeOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', log } = options;
  if (!NAMES.has(host)) {
    throw new Error(
      `the control process listens on loopback only, not on ${host}; put a proxy with TLS in front of it`,
    );
  }
  const urlHost = host.includes(':') ? `[${host}]` : host;
  // Browsers resolve every name below `localhost` to loopback. Cookies know no ports: under a name that only this server
  // and its readers know, they reach no other program of this machine.
  const pageName = `whencode-${randomBytes(12).toString('hex')}.localhost`;
  let port = options.port;
  const address = () => `${urlHost}:${port}`;
  const pageHost = () => `${pageName}:${port}`;
  const hosts = () => new Set(['127.0.0.1', 'localhost', '[::1]', pageName].map((name) => `${name}:${port}`));
  const access = new Access({ ...options, address });
  const { fetch } = createApp(deps, { access, hosts, pageHost, log });
  const first = await listen(fetch, host, port);
  port = (first.address() as AddressInfo).port;
  const servers = [first];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(endServer));
  };
  try {
    // Browsers try `localhost` names by IPv6 too: no other program may answer there.
    for (const other of LOOPBACK)
      if (other !== (host === 'localhost' ? '127.0.0.1' : host))
        servers.push(...(await listenIfThere(fetch, other, port)));
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

type Fetch = Parameters<typeof serve>[0]['fetch'];

function listen(fetch: Fetch, hostname: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const starting = serve({ fetch, hostname, port }, () => {
      starting.removeListener('error', reject);
      resolve(starting);
    });
    starting.once('error', reject);
  });
}

const listenIfThere = (fetch: Fetch, hostname: string, port: number): Promise<Server[]> =>
  listen(fetch, hostname, port).then(
    (server) => [server],
    (error: unknown) => {
      if (NO_SUCH_ADDRESS.has(errorCode(error) ?? '')) return [];
      throw error;
    },
  );

const endServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    // Event streams stay open for hours, so they are closed here.
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
