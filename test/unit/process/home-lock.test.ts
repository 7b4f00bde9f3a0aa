import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HomeInUse, lockHome } from '../../../src/process/home-lock.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('of several at once one gets the home folder, and after it gave it back the next', async () => {
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => lockHome(home)));
  const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(won).toHaveLength(1);
  for (const error of lost) expect(error).toBeInstanceOf(HomeInUse);
  await won[0]?.();
  await (await lockHome(home))();
  expect(await readdir(home)).toEqual([]);
});

test.each([
  ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' })],
  ['a process whose number another has now', JSON.stringify({ pid: process.pid, startedAt: '1' })],
  ['a torn file', '{"pid": 12'],
])('a lock of %s is void', async (_, content) => {
  await writeFile(join(home, 'stack.lock'), content);
  const unlock = await lockHome(home);
  await expect(lockHome(home)).rejects.toThrow(/runs on .* already .*--home/);
  await unlock();
});
