/**
 * The artifact store as a folder, shared by all processes of a machine:
 *
 *     format              version of this layout
 *     blobs/ab/<hex>      immutable bytes, read-only, named by their digest
 *     manifests/ab/<hex>.json   one per step key; the first writer's stands
 *     journals/<campaign>/<time>-<digest>.json
 *     trees/<hex>/        materialised folders, a cache
 *     retired/            manifests whose steps are to be computed again, and damaged blobs
 *     tmp/                files being written
 */
import { chmod, mkdir, readdir, readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../formats/canonical-json.ts';
import { digestOfBytes, digestOfFile, hexOf, stepKey } from './digest.ts';
import {
  copyToTemporaryFile,
  linkIfFirst,
  renameInto,
  sweepTemporaryFiles,
  writeTemporaryFile,
} from './durable-file.ts';
import { createJournal } from './journal.ts';
import { createMaintenance } from './maintenance.ts';
import { errorCode, StoreError, storeError } from './store-error.ts';
import { fillFolder, listFiles, parseTree } from './tree.ts';
import type { ArtifactStore, BlobRef, Digest, Manifest, Tree } from './types.ts';

const FORMAT = 1;

/** Opens (or makes) the store in the folder. @throws StoreError `newer-format` when a newer version made it. */
export async function openLocalStore(directory: string): Promise<ArtifactStore> {
  const temporary = join(directory, 'tmp');
  const blobPath = (digest: Digest) => join(directory, 'blobs', hexOf(digest).slice(0, 2), hexOf(digest));
  const manifestPath = (key: Digest) => join(directory, 'manifests', hexOf(key).slice(0, 2), `${hexOf(key)}.json`);

  await guard(`opening the artifact store ${directory}`, () => prepare(directory, temporary));

  async function adopt(file: string, digest: Digest): Promise<BlobRef> {
    const { size } = await stat(file);
    await chmod(file, 0o444);
    await renameInto(file, blobPath(digest));
    return { digest, bytes: size };
  }

  async function refOf(digest: Digest): Promise<BlobRef | undefined> {
    const status = await stat(blobPath(digest)).catch(() => undefined);
    return status === undefined ? undefined : { digest, bytes: status.size };
  }

  /** Says that the blob is needed, so that it isn't collected; one of another length is damaged and is written anew. */
  async function storedAgain(digest: Digest, bytes: number): Promise<BlobRef | undefined> {
    const now = new Date();
    const ref = await refOf(digest);
    if (ref?.bytes !== bytes) return undefined;
    try {
      await utimes(blobPath(digest), now, now);
      return ref;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  const putBlob = (bytes: Uint8Array) =>
    guard('storing a blob', async () => {
      const digest = digestOfBytes(bytes);
      return (await storedAgain(digest, bytes.length)) ?? adopt(await writeTemporaryFile(temporary, bytes), digest);
    });

  const putFile = (path: string) =>
    guard(`storing ${path}`, async () => {
      const known = await storedAgain(await digestOfFile(path), (await stat(path)).size);
      if (known !== undefined) return known;
      const copy = await copyToTemporaryFile(temporary, path);
      return adopt(copy, await digestOfFile(copy));
    });

  const readDamagedBlob = (digest: Digest) =>
    guard(`reading blob ${digest}`, () =>
      readFile(blobPath(digest)).catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') throw new StoreError('blob-missing', `blob ${digest} is not in the store`);
        throw error;
      }),
    );

  const readBlob = (digest: Digest) =>
    guard(`reading blob ${digest}`, async () => {
      const bytes = await readDamagedBlob(digest);
      if (digestOfBytes(bytes) !== digest)
        throw new StoreError('blob-damaged', `blob ${digest} was changed on the disk: its content has another digest`);
      return bytes;
    });

  const readTree = async (digest: Digest): Promise<Tree> => parseTree(await readBlob(digest), digest);

  const readManifest = (key: Digest) =>
    guard(`reading manifest ${key}`, async () => {
      const text = await readFile(manifestPath(key), 'utf8').catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw error;
      });
      return text === undefined ? undefined : parseManifest(text, key);
    });

  return {
    putBlob,
    putFile,
    readBlob,
    readDamagedBlob,
    hasBlob: async (digest) => (await refOf(digest)) !== undefined,
    async putTree(folder) {
      const files: Record<string, BlobRef> = {};
      for (const name of await guard(`reading ${folder}`, () => listFiles(folder)))
        files[name] = await putFile(join(folder, name));
      const tree: Tree = { files };
      return putBlob(Buffer.from(canonicalJson(tree)));
    },
    readTree,
    async hasTree(digest) {
      if ((await refOf(digest)) === undefined) return false;
      const refs = Object.values((await readTree(digest)).files);
      return (await Promise.all(refs.map(({ digest: file }) => refOf(file)))).every((ref) => ref !== undefined);
    },
    async materialiseTree(digest) {
      const folder = join(directory, 'trees', hexOf(digest));
      if ((await stat(folder).catch(() => undefined)) !== undefined) return folder;
      const tree = await readTree(digest);
      for (const [name, ref] of Object.entries(tree.files))
        if ((await refOf(ref.digest))?.bytes !== ref.bytes)
          throw new StoreError('blob-missing', `${name} of ${digest} (blob ${ref.digest}) is not whole in the store`);
      await guard(`unpacking ${digest}`, () => fillFolder(tree, (ref) => blobPath(ref.digest), folder, temporary));
      return folder;
    },
    readManifest,
    async commitManifest(result) {
      const key = stepKey(result.step);
      const mine: Manifest = { key, ...result };
      for (const [name, ref] of Object.entries(mine.outputs))
        if ((await refOf(ref.digest)) === undefined)
          throw new StoreError('blob-missing', `output "${name}" (blob ${ref.digest}) of a step is not in the store`);
      return guard(`committing manifest ${key}`, async () => {
        const file = await writeTemporaryFile(temporary, Buffer.from(canonicalJson(mine)));
        if (await linkIfFirst(file, manifestPath(key))) return mine;
        const winner = await readManifest(key);
        if (winner === undefined) throw new StoreError('failed', `manifest ${key} vanished while it was committed`);
        return winner;
      });
    },
    async *listManifests(onDamaged) {
      const root = join(directory, 'manifests');
      for (const part of (await readdir(root).catch(() => [])).sort())
        for (const name of (await readdir(join(root, part))).sort()) {
          const key: Digest = `sha256:${name.slice(0, -'.json'.length)}`;
          try {
            const manifest = await readManifest(key);
            if (manifest !== undefined) yield manifest;
          } catch (error) {
            if (onDamaged === undefined || !(error instanceof StoreError) || error.code !== 'manifest-damaged')
              throw error;
            onDamaged(key);
          }
        }
    },
    ...createMaintenance({ directory, temporary, blobPath, manifestPath }),
    ...createJournal(join(directory, 'journals'), temporary, guard),
  };
}

function parseManifest(text: string, key: Digest): Manifest {
  try {
    return JSON.parse(text) as Manifest;
  } catch (error) {
    const message = `manifest ${key} is damaged; put it back, or let its step be computed again: \`whencode store forget ${key}\`, then retry`;
    throw new StoreError('manifest-damaged', message, error);
  }
}

async function prepare(directory: string, temporary: string): Promise<void> {
  const formatPath = join(directory, 'format');
  // Before anything is written: a store of another version is left as it is.
  await requireFormat(directory, formatPath);
  await mkdir(temporary, { recursive: true });
  const first = await writeTemporaryFile(temporary, Buffer.from(`${FORMAT}\n`));
  if (!(await linkIfFirst(first, formatPath))) await requireFormat(directory, formatPath);
  await sweepTemporaryFiles(temporary);
}

/** A store that is not there yet is of this format. */
async function requireFormat(directory: string, formatPath: string): Promise<void> {
  const text = await readFile(formatPath, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined || Number(text.trim()) === FORMAT) return;
  throw new StoreError(
    'newer-format',
    `the artifact store ${directory} has format ${text.trim().slice(0, 20)}; this version reads ${FORMAT}. Use the version that made it, or another folder with --home`,
  );
}

async function guard<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeError(doing, error);
  }
}
