/** The supervisor with its real parts: Temporal server, control, workers, each a process. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, connectToHome } from '../../../src/api/client.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { HomeInUse } from '../../../src/process/home-lock.ts';
import { readStackState } from '../../../src/process/stack-file.ts';
import { WORKER_ROLES } from '../../../src/protocol/queues.ts';
import { startStack } from '../../../src/workers/stack.ts';
import { askPage } from '../../support/page-requests.ts';

const PARTS = ['temporal', ...WORKER_ROLES];
const { temporal } = readEnvironment();

let home: string;
let supervisor: ChildProcess;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'home-'));
  const program = fileURLToPath(new URL('./run-stack.ts', import.meta.url));
  supervisor = spawn(process.execPath, ['--import', 'tsx', program, home], { stdio: 'ignore' });
  await until(
    async () => (await connectToHome(home)).isHealthy(),
    (isHealthy) => isHealthy,
  );
});
afterAll(async () => {
  supervisor.kill('SIGKILL');
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

/** Asks again until the answer is as wanted; an answer that fails is no answer. */
async function until<T>(ask: () => Promise<T>, wanted: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await ask().catch(() => undefined);
    if (value !== undefined && wanted(value)) return value;
    await sleep(100);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const pids = async (): Promise<Record<string, number>> => ({ ...(await readStackState(home))?.pids });

test('every part is a process of its own, and a second stack on the folder is refused', async () => {
  const running = await until(pids, (found) => PARTS.every((part) => part in found));
  expect(new Set(Object.values(running)).size).toBe(PARTS.length);
  await expect(startStack({ home, temporal })).rejects.toBeInstanceOf(HomeInUse);
});

test.each(['sample', 'temporal', 'control'])(
  '%s is started again after it was killed, on the same ports',
  async (part) => {
    const before = await readStackState(home);
    const old = before?.pids[part];
    if (old === undefined) throw new Error(`${part} does not run`);
    process.kill(old, 'SIGKILL');
    await until(pids, (found) => found[part] !== undefined && found[part] !== old);
    await until(
      async () => (await connectToHome(home)).isHealthy(),
      (isHealthy) => isHealthy,
    );
    const after = await readStackState(home);
    expect([after?.temporalPort, after?.apiPort]).toEqual([before?.temporalPort, before?.apiPort]);
  },
  60_000,
);

test('a session in a browser outlives the control process', async () => {
  const client = await connectToHome(home);
  const { url } = await ask(client.api.links.$post());
  const { host: pageHost, port } = new URL(url);
  const page = { pageHost, port: Number(port) };
  const opened = await askPage(page, url, { method: 'POST' });
  const cookie = opened.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const old = (await pids()).control ?? 0;
  process.kill(old, 'SIGKILL');
  await until(pids, ({ control }) => control !== undefined && control !== old);
  const index = () => askPage(page, '/', { headers: { cookie } });
  expect((await until(index, ({ status }) => status !== 503)).status).toBe(200);
}, 60_000);

test('a killed supervisor leaves no process behind, and the folder free for the next', async () => {
  const running = Object.values(await until(pids, (found) => PARTS.every((part) => part in found)));
  supervisor.kill('SIGKILL');
  await until(
    async () => running.filter(isAlive),
    (left) => left.length === 0,
  );
  const stack = await startStack({ home, temporal });
  await stack.stop();
  expect(await pids()).toEqual({});
  expect(await processesOn(home)).toEqual([]);
});

/** Process ids whose command line names the folder, this test's own apart. */
async function processesOn(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(folder) && Number(name) !== process.pid) found.push(Number(name));
  }
  return found;
}
