/** Every object storage that the store's tests run over, each with what a test needs to do behind its back. */
import { chmod, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDirectoryStorage } from '../../../src/artifacts/directory-storage.ts';
import type { ObjectStorage } from '../../../src/artifacts/object-storage.ts';
import { createStore } from '../../../src/artifacts/store.ts';
import type { ArtifactStore, StepObserver } from '../../../src/artifacts/types.ts';
import { createMemoryStorage, tamperWithMemory } from './memory-storage.ts';

export interface StorageUnderTest {
  /** Of this machine: the cache, and room for a test's own files. For the directory it is the store too. */
  readonly folder: string;
  readonly storage: ObjectStorage;
  /** A store object over the same objects, as another process opens it. */
  openStore(observer?: StepObserver): Promise<ArtifactStore>;
  damage(key: string, text: string): Promise<void>;
  lose(key: string): Promise<void>;
  /** Sets when the object was put, in milliseconds since 1970. */
  age(key: string, modifiedMs: number): Promise<void>;
  remove(): Promise<void>;
}

async function openDirectory(): Promise<StorageUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  return {
    ...over(folder, () => createDirectoryStorage(folder)),
    async damage(key, text) {
      await chmod(join(folder, key), 0o644);
      await writeFile(join(folder, key), text);
    },
    lose: (key) => rm(join(folder, key)),
    age: (key, modifiedMs) => utimes(join(folder, key), new Date(modifiedMs), new Date(modifiedMs)),
  };
}

async function openMemory(): Promise<StorageUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'store-cache-'));
  const objects = new Map();
  return { ...over(folder, () => createMemoryStorage(objects)), ...tamperWithMemory(objects) };
}

function over(folder: string, createStorage: () => ObjectStorage) {
  return {
    folder,
    storage: createStorage(),
    openStore: (observer?: StepObserver) => createStore(createStorage(), { cache: folder, observer }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export const STORAGES: readonly (readonly [string, () => Promise<StorageUnderTest>])[] = [
  ['a directory', openDirectory],
  ['a bucket in memory', openMemory],
];
