import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStore } from '../../../src/artifacts/store.ts';
import { markUsed, removeLeastUsed } from '../../../src/artifacts/tree-cache.ts';
import { createMemoryStorage } from './memory-storage.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tree-cache-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function makeTree(name: string, hoursAgo: number): Promise<void> {
  await mkdir(join(folder, name, 'deep'), { recursive: true });
  await writeFile(join(folder, name, 'deep', 'weights'), Buffer.alloc(100));
  const used = new Date(Date.now() - hoursAgo * 3_600_000);
  await utimes(join(folder, name), used, used);
}

test('those go first that were not asked for the longest time, until the rest fits', async () => {
  for (const [name, hoursAgo] of [['a', 3] as const, ['b', 5] as const, ['c', 2] as const, ['d', 4] as const])
    await makeTree(name, hoursAgo);
  await removeLeastUsed(folder, 400);
  expect(await readdir(folder)).toHaveLength(4);
  expect(await markUsed(join(folder, 'b'))).toBe(true);
  await removeLeastUsed(folder, 250);
  expect((await readdir(folder)).sort()).toEqual(['b', 'c']);
  expect(await markUsed(join(folder, 'a'))).toBe(false);
});

test('what was asked for in the last hour stays, also above the bound', async () => {
  await makeTree('old', 2);
  await makeTree('now', 0.5);
  await removeLeastUsed(folder, 0);
  expect(await readdir(folder)).toEqual(['now']);
});

test('processes that share the folder may remove the same trees at the same time', async () => {
  for (let at = 0; at < 20; at += 1) await makeTree(`tree-${at}`, 2 + at);
  await Promise.all([1, 2, 3, 4].map(() => removeLeastUsed(folder, 0)));
  expect(await readdir(folder)).toEqual([]);
});

test('a store with a bound keeps it while it unpacks trees', async () => {
  const store = await createStore(createMemoryStorage(), { cache: { folder, bytes: 250 } });
  const folders: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    const source = join(folder, `source-${name}`);
    await mkdir(source);
    await writeFile(join(source, 'weights'), Buffer.alloc(100, name));
    const unpacked = await store.materialiseTree((await store.putTree(source)).digest);
    const old = new Date(Date.now() - 7_200_000);
    await utimes(unpacked, old, old);
    folders.push(unpacked);
  }
  expect((await readdir(join(folder, 'trees'))).map((name) => join(folder, 'trees', name)).sort()).toEqual(
    folders.slice(1).sort(),
  );
});
