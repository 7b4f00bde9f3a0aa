/** The real server over a real database and store, for tests. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { openStore } from '../../src/artifacts/open-store.ts';
import type { CampaignDeps } from '../../src/campaigns/deps.ts';
import { createPreflight } from '../../src/campaigns/preflight.ts';
import { createRolloutReader } from '../../src/campaigns/read-rollouts.ts';
import { createWatch } from '../../src/campaigns/watch.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { openDatabase } from '../../src/db/database.ts';
import { Reporter } from '../../src/outbox/reporter.ts';
import { readToken } from '../../src/process/control-address.ts';
import { type RunningHttp, startHttp } from '../../src/server/start-http.ts';
import { createTemporalGateway } from '../../src/temporal/gateway.ts';
import { createProblemResolver } from '../../src/workers/problems.ts';
import { createTestClient, type TestClient } from './calls.ts';

const noTracker = async (): Promise<void> => {
  throw new Error('a test has no tracker');
};

export interface TestDepsOptions extends Partial<Pick<CampaignDeps, 'db' | 'store' | 'gateway' | 'preflight'>> {
  /** Of a Temporal server; default: one where nothing answers. */
  readonly address?: string;
  readonly namespace?: string;
  readonly callTimeoutMs?: number;
  readonly dataConverter?: DataConverter | undefined;
}

export interface TestDeps extends CampaignDeps {
  readonly home: string;
  /** Closes what it opened, and removes the home folder. */
  close(): Promise<void>;
}

/** What the use cases work with. Data sets by name are not on the machine of a test. */
export async function openTestDeps(options: TestDepsOptions = {}): Promise<TestDeps> {
  const { address = '127.0.0.1:1', namespace = 'default', callTimeoutMs, dataConverter } = options;
  const home = await mkdtemp(join(tmpdir(), 'whencode-http-'));
  const db = options.db ?? (await openDatabase('memory:'));
  const store = options.store ?? (await openStore(join(home, 'store')));
  const timeout = callTimeoutMs === undefined ? {} : { callTimeoutMs };
  const gateway = options.gateway ?? createTemporalGateway({ address, namespace, dataConverter, ...timeout });
  const data = { dataDirectory: undefined, cacheDirectory: home };
  const watch = createWatch(db, gateway);
  return {
    home,
    db,
    store,
    gateway,
    watch,
    rollouts: createRolloutReader(db, store),
    resolveProblems: createProblemResolver(data),
    reports: new Reporter({ home, db, rollouts: createRolloutReader(db, store), send: noTracker, warn: console.error }),
    preflight: options.preflight ?? createPreflight({ ...readEnvironment(), ...data, home }),
    async close() {
      watch.close();
      if (options.gateway === undefined) await gateway.close();
      if (options.db === undefined) await db.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export interface TestHttp extends RunningHttp, Omit<TestDeps, 'close'> {
  readonly client: TestClient;
}

export interface TestHttpOptions extends TestDepsOptions {
  /** Clock of sessions and links. */
  readonly nowMs?: () => number;
}

export async function openTestHttp(options: TestHttpOptions = {}): Promise<TestHttp> {
  const deps = await openTestDeps(options);
  const { nowMs } = options;
  const http = await startHttp({ ...deps, port: 0, log: console.error, ...(nowMs === undefined ? {} : { nowMs }) });
  return {
    ...deps,
    ...http,
    client: createTestClient({ url: http.url, token: () => readToken(deps.home) }),
    async close() {
      await http.close();
      await deps.close();
    },
  };
}
