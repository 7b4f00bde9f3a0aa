import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore } from '../../../src/artifacts/types.ts';
import type { WorkflowGateway } from '../../../src/campaigns/gateway.ts';
import { createPreflight, type Preflight } from '../../../src/campaigns/preflight.ts';
import type { ProblemsConfig } from '../../../src/config/campaign.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { resolveProblems } from '../../../src/datasets/resolve.ts';
import { type Database, openDatabase } from '../../../src/db/database.ts';
import type { Problem } from '../../../src/rollout/types.ts';
import { type RunningHttp, startHttp } from '../../../src/server/start-http.ts';
import type { ResolveProblems } from '../../../src/steps/evaluate.ts';
import { createTemporalGateway } from '../../../src/temporal/gateway.ts';

export interface TestFace extends RunningHttp {
  readonly home: string;
  readonly db: Database;
  readonly store: ArtifactStore;
  readonly gateway: WorkflowGateway;
  readonly resolveProblems: ResolveProblems;
  readonly preflight: Preflight;
}

/** The real server over a real database and store; no orchestrator answers at its address. */
export async function openTestFace(): Promise<TestFace> {
  const home = await mkdtemp(join(tmpdir(), 'whencode-face-'));
  const db = await openDatabase('memory:');
  const store = await openStore(join(home, 'store'));
  const gateway = createTemporalGateway({
    address: '127.0.0.1:1',
    namespace: 'whencode',
  });
  const preflight = createPreflight({
    ...readEnvironment(),
    home,
    dataDirectory: undefined,
    cacheDirectory: tmpdir(),
  });
  const face = await startHttp({
    home,
    db,
    store,
    gateway,
    resolveProblems: resolveForTests,
    preflight,
    port: 0,
    log: console.error,
  });
  return {
    ...face,
    home,
    db,
    store,
    gateway,
    resolveProblems: resolveForTests,
    preflight,
    async close() {
      await face.close();
      await gateway.close();
      await db.close();
      await rm(home, { recursive: true });
    },
  };
}

/** Generators and files as in a campaign; data sets by name are not on the machine of a test. */
async function resolveForTests(configs: readonly ProblemsConfig[], seed: number): Promise<readonly Problem[]> {
  const resolved = await Promise.all(configs.map((item) => resolveProblems(item, { cacheDirectory: tmpdir(), seed })));
  return resolved.flatMap((item) => item.problems);
}
