import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../../infra/setup/lock.mjs';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'whencode-lock-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Process ids end below 2^22. */
const NO_PROCESS = 2 ** 22 + 1;

async function leaveLock(path: string, holder: string, ageMs = 0) {
  await mkdir(path);
  await writeFile(join(path, holder), '');
  const then = new Date(Date.now() - ageMs);
  await utimes(join(path, holder), then, then);
}

describe('the set-up lock', () => {
  it('lets one in at a time, and leaves nothing behind', async () => {
    const path = join(directory, 'lock');
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(20);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 6 }, () => withLock(path, work)));
    expect(most).toBe(1);
    expect(await readdir(directory)).toEqual([]);
  });

  it('lets only one of many take over from a dead holder', async () => {
    const path = join(directory, 'lock');
    await leaveLock(path, `${NO_PROCESS}@${hostname()}@abc`);
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(20);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 6 }, () => withLock(path, work)));
    expect(most).toBe(1);
  });

  it('waits for a living holder and says whom it waits for', async () => {
    const path = join(directory, 'lock');
    const holder = `${process.pid}@${hostname()}@abc`;
    await leaveLock(path, holder);
    const waited: string[] = [];
    const entered = withLock(path, async () => 'entered', { onWait: (label: string) => waited.push(label) });
    await sleep(300);
    expect(waited).toEqual([`process ${process.pid} on ${hostname()}`]);
    await rm(join(path, holder));
    expect(await entered).toBe('entered');
  });

  it('takes over from a holder on another machine only without heartbeat', async () => {
    const path = join(directory, 'lock');
    await leaveLock(path, '1@elsewhere@abc', 11 * 60_000);
    expect(await withLock(path, async () => 'entered')).toBe('entered');
  });

  it('is free again after the work has failed', async () => {
    const path = join(directory, 'lock');
    await expect(withLock(path, () => Promise.reject(new Error('no space left')))).rejects.toThrow('no space left');
    expect(await withLock(path, async () => 'entered')).toBe('entered');
  });
});
