/** Blobs: bytes stored under the digest of their content. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOfBytes, digestOfFile } from './digest.ts';
import { blobKey } from './keys.ts';
import type { ObjectStorage } from './object-storage.ts';
import { guard, StoreError } from './store-error.ts';
import type { BlobRef, BlobStore, Digest } from './types.ts';

export interface Blobs extends BlobStore {
  putFile(path: string): Promise<BlobRef>;
  /** The size of the stored object. It differs from the original length where the blob is damaged. */
  refOf(digest: Digest): Promise<BlobRef | undefined>;
}

/** @param temporary - Folder of this machine for what is not stored yet */
export function createBlobs(storage: ObjectStorage, temporary: string): Blobs {
  const refOf = async (digest: Digest): Promise<BlobRef | undefined> => {
    const status = await storage.stat(blobKey(digest));
    return status === undefined ? undefined : { digest, bytes: status.bytes };
  };
  const readDamagedBlob = (digest: Digest): Promise<Buffer> =>
    guard(`reading blob ${digest}`, async () => {
      const bytes = await storage.get(blobKey(digest));
      if (bytes === undefined) throw new StoreError('blob-missing', `blob ${digest} is not in the store`);
      return bytes;
    });
  return {
    putBlob: (bytes) =>
      guard('storing a blob', async () => {
        const digest = digestOfBytes(bytes);
        await storage.put(blobKey(digest), bytes);
        return { digest, bytes: bytes.length };
      }),
    putFile: (path) =>
      guard(`storing ${path}`, async () => {
        const digest = await digestOfFile(path);
        const { size: bytes } = await stat(path);
        await storage.put(blobKey(digest), { path, bytes, digest });
        return { digest, bytes };
      }),
    async readBlob(digest) {
      const bytes = await readDamagedBlob(digest);
      if (digestOfBytes(bytes) !== digest) throw damaged(digest);
      return bytes;
    },
    readDamagedBlob,
    streamBlob: ({ digest, bytes }) =>
      guard(`reading blob ${digest}`, async () => {
        const isWhole = (await refOf(digest))?.bytes === bytes;
        const stream = isWhole ? await storage.stream(blobKey(digest)) : undefined;
        if (stream === undefined) throw new StoreError('blob-missing', `blob ${digest} is not whole in the store`);
        return stream;
      }),
    adoptFile: (path, known) =>
      guard(`storing ${path}`, async () => {
        const digest = known ?? (await digestOfFile(path));
        const { size: bytes } = await stat(path);
        await storage.put(blobKey(digest), { path, bytes, digest, isOurs: true });
        return { digest, bytes };
      }),
    async inStoreFolder(work) {
      const folder = join(temporary, `written-${randomUUID()}`);
      await guard(`making ${folder}`, () => mkdir(folder, { recursive: true }));
      try {
        return await work(folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    fetchBlob: (digest, path) =>
      guard(`reading blob ${digest}`, async () => {
        if ((await storage.fetch(blobKey(digest), path)) === 'absent')
          throw new StoreError('blob-missing', `blob ${digest} is not in the store`);
        if ((await digestOfFile(path)) === digest) return;
        await rm(path, { force: true });
        throw damaged(digest);
      }),
    hasBlob: (digest) => guard(`looking for blob ${digest}`, async () => (await refOf(digest)) !== undefined),
    refOf,
  };
}

const damaged = (digest: Digest): StoreError =>
  new StoreError('blob-damaged', `blob ${digest} was changed in the store: its content has another digest`);
