import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countMemoryKills } from '../../../src/trainer/launcher.ts';

test('counts what the kernel says, and nothing where it says nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vmstat-'));
  const file = join(folder, 'vmstat');
  await writeFile(file, 'pgfault 12\noom_kill 7\ndrop_pagecache 0\n');
  expect(await countMemoryKills(file)).toBe(7);
  await writeFile(file, 'pgfault 12\n');
  expect(await countMemoryKills(file)).toBe(0);
  expect(await countMemoryKills(join(folder, 'none'))).toBe(0);
  await rm(folder, { recursive: true });
});
