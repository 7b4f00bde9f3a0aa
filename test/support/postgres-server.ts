/** A PostgreSQL server of a test's own, on a folder of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from '../../src/process/port.ts';

const run = promisify(execFile);

export const PASSWORD = 'not-to-be-shown';
/** Of nobody: PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

export interface RunningServer {
  url(database: string): string;
  execute(statement: string): Promise<void>;
  stop(): Promise<void>;
}

/** @param programs folder of `initdb` and `postgres` */
export async function startPostgres(programs: string): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'whencode-postgres-'));
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${PASSWORD}\n`);
  const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if ('uid' in owner) for (const path of [folder, passwordFile]) await chown(path, NOBODY, NOBODY);
  const options = ['-U', 'whencode', `--pwfile=${passwordFile}`, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C'];
  await run(join(programs, 'initdb'), ['-D', data, ...options, '--no-sync'], { ...owner, cwd: folder });
  const port = await freePort(undefined);
  const quick = ['fsync=off', 'full_page_writes=off', 'max_connections=200'].flatMap((setting) => ['-c', setting]);
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-h', '127.0.0.1', '-p', `${port}`, '-k', '', ...quick],
    {
      ...owner,
      cwd: folder,
      stdio: 'ignore',
    },
  );
  const url = (database: string): string => `postgres://whencode:${PASSWORD}@127.0.0.1:${port}/${database}`;
  const execute = async (statement: string): Promise<void> => {
    const client = new Client({ connectionString: url('postgres') });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await untilItAnswers(server, () => execute('select 1'));
  return {
    url,
    execute,
    async stop() {
      // Disconnects all clients.
      server.kill('SIGINT');
      if (server.exitCode === null) await new Promise((ended) => server.once('exit', ended));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilItAnswers(server: ChildProcess, ask: () => Promise<void>): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended with code ${server.exitCode}`);
    const isReady = await ask().then(
      () => true,
      () => false,
    );
    if (isReady) return;
    await sleep(50);
  }
}
