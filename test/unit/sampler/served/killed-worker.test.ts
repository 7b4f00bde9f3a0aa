/** GPUs of a sample worker that is killed, with real processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openGpuLease } from '../../../../src/process/gpu-lease.ts';
import { identityOf, isAlive } from '../../../../src/process/process-identity.ts';

const PROGRAM = fileURLToPath(new URL('./hold-server.ts', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpus-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function readWritten(path: string): Promise<string> {
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text !== '') return text;
    await sleep(20);
  }
}

test('after a kill of the worker its GPUs are free once its model server, which takes its time to end, is gone', async () => {
  const [pidFile, endFile] = [join(folder, 'server.pid'), join(folder, 'end')];
  const command = `trap "" TERM; echo $$ > ${pidFile}; while [ ! -e ${endFile} ]; do sleep 0.1; done`;
  const worker = spawn(
    process.execPath,
    ['--import', 'tsx', PROGRAM, folder, command, join(folder, 'server.log'), '0', '1'],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const server = await identityOf(Number(await readWritten(pidFile)));
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  const lease = openGpuLease({ folder, gpus: ['1'], pollMs: 5 });
  let waits = 0;
  const taking = lease.take({ onWait: () => (waits += 1) });
  while (waits < 5) expect(await Promise.race([taking.then(() => 'taken'), sleep(5, 'waits')])).toBe('waits');
  expect(await isAlive(server)).toBe(true);
  await writeFile(endFile, '');
  await taking;
  expect(await isAlive(server)).toBe(false);
  await lease.release();
}, 60_000);

test('a zombie has nothing', async () => {
  // Its parent never collects it.
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pid] = await once(parent.stdout, 'data');
  const child = await identityOf(Number(pid));
  expect(await isAlive(child)).toBe(true);
  process.kill(child.pid, 'SIGKILL');
  while (await isAlive(child)) await sleep(20);
  // Its number is still taken.
  process.kill(child.pid, 0);
  parent.kill('SIGKILL');
}, 60_000);
