import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GpuLease, openGpuLease } from '../../../src/process/gpu-lease.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpus-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const leaseOf = (...gpus: string[]): GpuLease => openGpuLease({ folder, gpus, pollMs: 5 });

/** Whether the promise is settled within some polls. */
const isDone = (work: Promise<unknown>): Promise<boolean> =>
  Promise.race([work.then(() => true), sleep(100).then(() => false)]);

test('GPUs go from one to the next in the order in which they asked, and the holder knows that it is waited for', async () => {
  const [holder, second, third] = [leaseOf('0', '1'), leaseOf('1'), leaseOf('0', '1')];
  await holder.take();
  expect(await holder.isWanted()).toBe(false);
  const order: string[] = [];
  const waits: string[] = [];
  const taking = second.take({ onWait: () => waits.push('second') }).then(() => order.push('second'));
  while (!(await holder.isWanted())) await sleep(2);
  const last = third.take().then(() => order.push('third'));
  expect(await isDone(taking)).toBe(false);
  while (waits.length < 2) await sleep(2);
  await holder.release();
  await taking;
  expect(await isDone(last)).toBe(false);
  await second.release();
  await last;
  expect(order).toEqual(['second', 'third']);
  await third.release();
  expect(await readdir(folder)).toEqual([]);
});

test('the lock says what it was taken for, and names a child that lives on again the next time', async () => {
  const holder = leaseOf('0');
  const lock = async (): Promise<unknown> => JSON.parse(await readFile(join(folder, 'gpu-0.lock'), 'utf8'));
  await holder.take({ purpose: 'sampling' });
  const child = spawn('sleep', ['60']);
  await holder.nameUser(child.pid ?? 0);
  const named = { pid: process.pid, purpose: 'sampling', user: { pid: child.pid } };
  expect(await lock()).toMatchObject(named);
  await holder.release();
  await holder.take({ purpose: 'sampling' });
  expect(await lock()).toMatchObject(named);
  await holder.release();
  child.kill('SIGKILL');
  await once(child, 'exit');
  await holder.take();
  expect(await lock()).not.toHaveProperty('user');
  await holder.release();
});

test('sets without a GPU in common are held at the same time', async () => {
  const [sampler, trainer] = [leaseOf('0', '1'), leaseOf('2', '3')];
  await sampler.take();
  await trainer.take();
  expect(await sampler.isWanted()).toBe(false);
});

test('no GPU is ever held twice, and everybody gets a turn', async () => {
  const inside = new Map<string, number>();
  const sets = [['0'], ['1'], ['0', '1'], ['2', '1'], ['0', '1', '2'], ['2']];
  const turns = await Promise.all(
    sets.flatMap((gpus, at) =>
      [1, 2].map(async () => {
        const lease = leaseOf(...gpus);
        for (let turn = 0; turn < 3; turn += 1) {
          await lease.take();
          for (const gpu of gpus) {
            expect(inside.get(gpu) ?? 0).toBe(0);
            inside.set(gpu, 1);
          }
          await sleep(at);
          for (const gpu of gpus) inside.set(gpu, 0);
          await lease.release();
        }
        return 3;
      }),
    ),
  );
  expect(turns).toHaveLength(12);
});

test('a holder that is killed frees its GPUs', async () => {
  const program = fileURLToPath(new URL('./hold-gpus.ts', import.meta.url));
  const holder = spawn(process.execPath, ['--import', 'tsx', program, folder, '0', '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const lease = leaseOf('1');
  const taking = lease.take();
  expect(await isDone(taking)).toBe(false);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await taking;
  await lease.release();
}, 60_000);

test('locks and notes of processes that are gone, of an earlier boot or torn, hold nobody up', async () => {
  const gone = { pid: 2 ** 22 + 1, startedAt: '1' };
  const note = { id: 'a', gpus: ['0'], sinceMs: 0 };
  await writeFile(join(folder, 'gpu-0.lock'), JSON.stringify({ ...gone }));
  await writeFile(join(folder, 'gpu-1.lock'), JSON.stringify({ pid: process.pid, startedAt: '', boot: 'another' }));
  await writeFile(join(folder, 'wait-a.json'), JSON.stringify({ ...gone, ...note }));
  await writeFile(join(folder, 'wait-b.json'), '{"pid": 1');
  const lease = leaseOf('0', '1');
  await lease.take();
  expect(await lease.isWanted()).toBe(false);
});

test('who gives up while waiting leaves no note', async () => {
  const [holder, other] = [leaseOf('0'), leaseOf('0')];
  await holder.take();
  const giving = new AbortController();
  const taking = other.take({ signal: giving.signal });
  while (!(await holder.isWanted())) await sleep(2);
  giving.abort();
  await expect(taking).rejects.toThrow('abort');
  expect(await holder.isWanted()).toBe(false);
});

test('a GPU that is named twice is one', async () => {
  const lease = leaseOf('0', '0');
  await lease.take({ signal: AbortSignal.timeout(2000) });
  await lease.release();
  expect(await readdir(folder)).toEqual([]);
});
