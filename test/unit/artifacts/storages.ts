/** Every object storage that the store's tests run over, each with what a test needs to do behind its back. */
import { chmod, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, describe } from 'vitest';
import { createDirectoryStorage } from '../../../src/artifacts/directory-storage.ts';
import type { ObjectStorage } from '../../../src/artifacts/object-storage.ts';
import { openS3Storage } from '../../../src/artifacts/s3-storage.ts';
import { createStore } from '../../../src/artifacts/store.ts';
import type { ArtifactStore, StepObserver } from '../../../src/artifacts/types.ts';
import { hasS3Server, startS3, type TestS3 } from '../../support/s3-server.ts';
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

let server: Promise<TestS3> | undefined;
afterAll(async () => (await server)?.stop());

async function openBucket(): Promise<StorageUnderTest> {
  server ??= startS3();
  const { endpoint, client, makeBucket, pathOf } = await server;
  const bucket = await makeBucket();
  const openStorage = () => openS3Storage(`s3://${bucket}/folder/of-tests`, { endpoint });
  const folder = await mkdtemp(join(tmpdir(), 'store-cache-'));
  const at = (key: string) => ({ Bucket: bucket, Key: `folder/of-tests/${key}` });
  return {
    folder,
    storage: await openStorage(),
    openStore: async (observer) => createStore(await openStorage(), { cache: { folder }, observer }),
    remove: () => rm(folder, { recursive: true, force: true }),
    damage: async (key, text) => void (await client.send(new PutObjectCommand({ ...at(key), Body: text }))),
    lose: async (key) => void (await client.send(new DeleteObjectCommand(at(key)))),
    age: (key, modifiedMs) => utimes(pathOf(bucket, at(key).Key), new Date(modifiedMs), new Date(modifiedMs)),
  };
}

function over(folder: string, createStorage: () => ObjectStorage) {
  return {
    folder,
    storage: createStorage(),
    openStore: (observer?: StepObserver) => createStore(createStorage(), { cache: { folder }, observer }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Runs the tests over each storage; those on S3 are skipped where its server is not installed. */
export function describeEachStorage(title: string, tests: (open: () => Promise<StorageUnderTest>) => void): void {
  describe(`${title} a directory`, () => tests(openDirectory));
  describe(`${title} a bucket in memory`, () => tests(openMemory));
  const needed = hasS3Server ? '' : ' (needs VersityGW: node infra/setup.mjs --test)';
  describe.skipIf(!hasS3Server)(`${title} a bucket of S3${needed}`, () => tests(openBucket));
}
