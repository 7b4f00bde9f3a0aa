/** Control for real in this process, on a real Temporal server with a database file; the other roles in a second one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore } from '../../../src/artifacts/types.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { databaseTracker } from '../../../src/db/apply-journal.ts';
import { type Database, openDatabase } from '../../../src/db/database.ts';
import { freePort } from '../../../src/process/port.ts';
import { superviseProcess } from '../../../src/process/supervised-process.ts';
import { createClient } from '../../../src/temporal/connect.ts';
import { NAMESPACE } from '../../../src/temporal/server.ts';
import { prepareNamespace, temporalServerProcess } from '../../../src/temporal/temporal-server.ts';
import { startControlWorker } from '../../../src/workers/control-worker.ts';
import { createProblemResolver } from '../../../src/workers/problems.ts';
import { tinyModelConfig } from '../../support/model-config.ts';

export interface GrowthStack {
  readonly folder: string;
  readonly client: Client;
  readonly db: Database;
  readonly store: ArtifactStore;
  /** Folder of a "model" that the simulated sampler takes. */
  readonly model: string;
  /** Writes a file of sums, which the simulated model solves. */
  problemFile(name: string, from: number, count: number): Promise<string>;
  stop(): Promise<void>;
}

export async function startGrowthStack(): Promise<GrowthStack> {
  const folder = await mkdtemp(join(tmpdir(), 'growth-'));
  const { temporal } = readEnvironment();
  const port = await freePort(undefined);
  const address = `127.0.0.1:${port}`;
  const logFile = join(folder, 'temporal.log');
  const server = superviseProcess(temporalServerProcess({ temporal, home: folder, port, keyId: 'bench', logFile }), {
    onStart: () => {},
    onDeath: (name, how) => console.error(`${name} died: ${how}`),
  });
  await prepareNamespace(address, 60_000);
  const store = await openStore(join(folder, 'store'));
  const db = await openDatabase(join(folder, 'database'));
  const worker = await startControlWorker({
    temporal: { address, namespace: NAMESPACE, dataConverter: undefined },
    store,
    db,
    database: databaseTracker(db),
    resolveProblems: createProblemResolver({ dataDirectory: undefined, cacheDirectory: folder }),
    home: folder,
    bundleFile: join(folder, 'workflows.json'),
  });
  const parts = await startParts(folder, address);
  const model = join(folder, 'model');
  await mkdir(model);
  await writeFile(join(model, 'config.json'), JSON.stringify(tinyModelConfig()));
  const client = createClient({ address, namespace: NAMESPACE, dataConverter: undefined });
  return {
    folder,
    client,
    db,
    store,
    model,
    async problemFile(name, from, count) {
      const path = join(folder, `${name}.jsonl`);
      const lines = Array.from({ length: count }, (_, at) =>
        JSON.stringify({ id: `sum-${from + at}`, problem: `${from + at}+7`, answer: `${from + at + 7}` }),
      );
      await writeFile(path, lines.join('\n'));
      return path;
    },
    async stop() {
      parts.kill();
      await worker.shutdown();
      await client.connection.close();
      await db.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function startParts(folder: string, address: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./parts-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, folder, address], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the simulated parts ended with ${code}`)));
    child.stdout.once('data', () => resolve(child));
  });
}
