/** The control process: database, API and pages, and the worker of the control queue. */
import type { ArtifactStore } from '../artifacts/types.ts';
import type { WorkflowGateway } from '../campaigns/gateway.ts';
import type { Preflight } from '../campaigns/preflight.ts';
import { createRolloutReader } from '../campaigns/read-rollouts.ts';
import { createWatch } from '../campaigns/watch.ts';
import type { Database } from '../db/database.ts';
import { readOrCreateToken, removeControlAddress, writeControlAddress } from '../process/control-address.ts';
import type { ResolveProblems } from '../steps/describe-evaluation.ts';
import { Sessions } from './auth.ts';
import { type RunningServer, serveApp } from './serve.ts';

export interface HttpOptions {
  readonly home: string;
  readonly db: Database;
  readonly store: ArtifactStore;
  readonly gateway: WorkflowGateway;
  readonly resolveProblems: ResolveProblems;
  readonly preflight: Preflight;
  readonly port: number;
  readonly host?: string;
  readonly log: (message: string, error: unknown) => void;
}

export interface RunningHttp extends RunningServer {
  readonly token: string;
  /** A link that opens the page in a browser, once, within ten minutes. */
  createLink(): string;
}

/** Starts API and pages on an open database. Writes `<home>/token` and `<home>/control.json`, which clients read. */
export async function startHttp(options: HttpOptions): Promise<RunningHttp> {
  const token = await readOrCreateToken(options.home);
  const sessions = new Sessions(token);
  const watch = createWatch(options.db, options.gateway);
  const { db, store, gateway, resolveProblems, preflight } = options;
  const server = await serveApp(
    { db, store, gateway, resolveProblems, preflight, watch, rollouts: createRolloutReader(db, store) },
    { ...options, sessions },
  );
  await writeControlAddress(options.home, { url: server.url, pid: process.pid });
  return {
    ...server,
    token,
    createLink: () => `${server.url}/open/${sessions.createLink()}`,
    async close() {
      watch.close();
      await server.close();
      await removeControlAddress(options.home);
    },
  };
}
