/** The control process: store, database, workflows, API and pages. */
import { join } from 'node:path';
import { createPreflight } from '../campaigns/preflight.ts';
import { createRolloutReader } from '../campaigns/read-rollouts.ts';
import type { Environment } from '../config/environment.ts';
import { databaseTracker } from '../db/apply-journal.ts';
import { openOrRebuildDatabase } from '../db/open-or-rebuild.ts';
import { openReporter } from '../outbox/open-reporter.ts';
import { openHomeStore } from '../process/home-store.ts';
import { logLine } from '../process/log-line.ts';
import { databasePath } from '../process/paths.ts';
import { makeFilesPrivate } from '../process/private-home.ts';
import { createStepLog } from '../process/step-log.ts';
import { type RunningHttp, startHttp } from '../server/start-http.ts';
import { createTemporalGateway } from '../temporal/gateway.ts';
import { encryptingConverter } from '../temporal/payload-codec.ts';
import { readPayloadKey } from '../temporal/payload-key.ts';
import type { TemporalServer } from '../temporal/server.ts';
import type { RunningWorker } from '../temporal/worker.ts';
import { openTrackers } from '../tracking/trackers.ts';
import { startControlWorker } from './control-worker.ts';
import { createProblemResolver } from './problems.ts';

export interface ControlOptions {
  readonly environment: Environment;
  readonly server: TemporalServer;
  readonly port: number;
  /** Where a supervisor holds the port: its Unix socket. */
  readonly socketPath?: string | undefined;
}

export interface RunningControl extends RunningWorker {
  readonly face: RunningHttp;
}

/** The API starts first, so that pages are available while workflows wait for the server. */
export async function startControlProcess(options: ControlOptions): Promise<RunningControl> {
  const { environment, server, port, socketPath } = options;
  const { home, databaseUrl } = environment;
  const temporal = { ...server, dataConverter: encryptingConverter(await readPayloadKey(environment)) };
  const store = await openHomeStore(home, environment, createStepLog(home, 'control'));
  const db = await openOrRebuildDatabase(databaseUrl ?? databasePath(home), store, logLine);
  // PGlite ignores the umask and makes its files writable for everyone.
  if (databaseUrl === undefined) await makeFilesPrivate(databasePath(home));
  const resolveProblems = createProblemResolver(environment);
  const gateway = createTemporalGateway(temporal);
  const reporter = openReporter(environment, { db, rollouts: createRolloutReader(db, store), warn: logLine });
  const face = await startHttp({
    home,
    db,
    store,
    gateway,
    resolveProblems,
    preflight: createPreflight(environment),
    reports: reporter,
    port,
    socketPath,
    log: (message, error) => logLine(`${message} ${error instanceof Error ? error.stack : `${error}`}`),
  });
  const followers = openTrackers(environment, logLine, [reporter]);
  void reporter.start().catch((error: unknown) => logLine(`trackers: ${error}`));
  const worker = await startControlWorker({
    temporal,
    store,
    db,
    database: databaseTracker(db),
    followers,
    resolveProblems,
    home,
    bundleFile: join(home, 'workflow-bundle.json'),
  });
  return {
    face,
    ended: worker.ended,
    async shutdown() {
      await face.close();
      await worker.shutdown();
      await followers.close();
      await gateway.close();
      await db.close();
    },
  };
}
