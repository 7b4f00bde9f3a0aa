/** The control process: database, API and pages, and the worker of the control queue. */
import type { ArtifactStore } from '../artifacts/types.ts';
import type { WorkflowGateway } from '../campaigns/gateway.ts';
import type { Preflight } from '../campaigns/preflight.ts';
import { createRolloutReader } from '../campaigns/read-rollouts.ts';
import type { ReportDesk } from '../campaigns/report-desk.ts';
import { createWatch } from '../campaigns/watch.ts';
import type { Database } from '../db/database.ts';
import { readOrCreateToken, readToken, removeControlAddress, writeControlAddress } from '../process/control-address.ts';
import type { ResolveProblems } from '../steps/describe-evaluation.ts';
import { type RunningServer, serveApp } from './serve.ts';
import { openSessionFile } from './session-file.ts';

export interface HttpOptions {
  readonly home: string;
  readonly db: Database;
  readonly store: ArtifactStore;
  readonly gateway: WorkflowGateway;
  readonly resolveProblems: ResolveProblems;
  readonly preflight: Preflight;
  readonly reports: ReportDesk;
  readonly port: number;
  /** Where a supervisor holds the port: its Unix socket. Sessions then outlive this process. */
  readonly socketPath?: string | undefined;
  /** Clock of sessions and links; default: the machine's. */
  readonly nowMs?: () => number;
  readonly log: (message: string, error: unknown) => void;
}

export interface RunningHttp extends RunningServer {
  /** The token at the start. */
  readonly token: string;
}

/** Starts API and pages on an open database. Writes `<home>/token` and `<home>/control.json`, which clients read. */
export async function startHttp(options: HttpOptions): Promise<RunningHttp> {
  const token = await readOrCreateToken(options.home);
  const watch = createWatch(options.db, options.gateway);
  const { db, store, gateway, resolveProblems, preflight, reports } = options;
  const server = await serveApp(
    { db, store, gateway, resolveProblems, preflight, reports, watch, rollouts: createRolloutReader(db, store) },
    {
      ...options,
      readToken: () => readToken(options.home),
      ...(options.socketPath === undefined ? {} : { sessions: await openSessionFile(options.home) }),
    },
  );
  await writeControlAddress(options.home, { url: server.url, pid: process.pid });
  return {
    ...server,
    token,
    async close() {
      watch.close();
      await server.close();
      await removeControlAddress(options.home);
    },
  };
}
