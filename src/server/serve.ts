/** Serves the app on a loopback address. */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { createApp } from './app.ts';
import type { Sessions } from './auth.ts';

export interface ServeOptions {
  readonly sessions: Sessions;
  /** 0 = a free one. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly log: (message: string, error: unknown) => void;
}

export interface RunningServer {
  /** e.g. `http://127.0.0.1:7420` */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Rejects when the address is taken or not allowed. */
export async function serveApp(deps: CampaignDeps, options: ServeOptions): Promise<RunningServer> {
  const host = options.host ?? '127.0.0.1';
  if (!LOOPBACK.has(host)) {
    throw new Error(
      `the control process listens on loopback only, not on ${host}; put a proxy with TLS in front of it`,
    );
  }
  const urlHost = host.includes(':') ? `[${host}]` : host;
  let port = options.port;
  const hosts = () => new Set(['127.0.0.1', 'localhost', '[::1]', urlHost].map((name) => `${name}:${port}`));
  const app = createApp(deps, {
    hosts,
    url: () => `http://${urlHost}:${port}`,
    log: options.log,
    sessions: options.sessions,
  });
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const starting = serve({ fetch: app.fetch, hostname: host, port }, () => {
      starting.removeListener('error', reject);
      resolve(starting);
    });
    starting.once('error', reject);
  });
  port = (server.address() as AddressInfo).port;
  return {
    url: `http://${urlHost}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Event streams stay open for hours, so they are closed here.
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
