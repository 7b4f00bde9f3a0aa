/** Looking after a store folder: what is missing or damaged, what may go. */

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestOfFile, hexOf } from './digest.ts';
import { errorCode } from './store-error.ts';
import { parseTree } from './tree.ts';
import type { ArtifactStore, BlobRef, Digest, Flaw, Manifest } from './types.ts';

export interface Places {
  readonly directory: string;
  readonly temporary: string;
  readonly blobPath: (digest: Digest) => string;
  readonly manifestPath: (key: Digest) => string;
}

/** Bytes that somebody stored again since may belong to a step that is not committed yet; no step takes that long over its last lines. */
const YOUNG_MS = 3_600_000;

export function createMaintenance(places: Places): Pick<ArtifactStore, 'findFlaws' | 'retireManifest' | 'collectTree'> {
  const { directory, temporary, blobPath, manifestPath } = places;

  async function flawOf(output: string, ref: BlobRef, isDeep: boolean): Promise<Flaw | undefined> {
    const status = await stat(blobPath(ref.digest)).catch(() => undefined);
    if (status === undefined) return { output, digest: ref.digest, kind: 'missing' };
    const isWhole = status.size === ref.bytes && (!isDeep || (await digestOfFile(blobPath(ref.digest))) === ref.digest);
    return isWhole ? undefined : { output, digest: ref.digest, kind: 'damaged' };
  }

  async function findFlaws(manifest: Pick<Manifest, 'outputs'>, isDeep: boolean): Promise<Flaw[]> {
    const flaws: Flaw[] = [];
    for (const [output, ref] of Object.entries(manifest.outputs)) {
      const flaw = await flawOf(output, ref, isDeep);
      if (flaw !== undefined) flaws.push(flaw);
      else if (output === 'checkpoint')
        for (const [file, inner] of Object.entries(
          parseTree(await readFile(blobPath(ref.digest)), `checkpoint ${ref.digest}`).files,
        )) {
          const lost = await flawOf(`${output}/${file}`, inner, isDeep);
          if (lost !== undefined) flaws.push(lost);
        }
    }
    return flaws;
  }

  async function setAside(path: string): Promise<void> {
    const aside = join(directory, 'retired', `${Date.now()}-${path.slice(path.lastIndexOf('/') + 1)}`);
    await mkdir(dirname(aside), { recursive: true });
    await rename(path, aside).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  }

  /** Out of reach first, then looked at: a writer that comes meanwhile finds nothing and writes the blob anew. */
  async function collectBlob(digest: Digest, unlessStoredAfterMs: number): Promise<number> {
    const path = blobPath(digest);
    const aside = join(temporary, `collected-${randomUUID()}`);
    try {
      await rename(path, aside);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return 0;
      throw error;
    }
    const { mtimeMs, size } = await stat(aside);
    if (mtimeMs > unlessStoredAfterMs && Date.now() - mtimeMs < YOUNG_MS) {
      await rename(aside, path);
      return 0;
    }
    await rm(aside, { force: true });
    return size;
  }

  return {
    findFlaws,
    async retireManifest(key) {
      const text = await readFile(manifestPath(key), 'utf8').catch(() => undefined);
      if (text === undefined) return false;
      const manifest = parseManifest(text);
      for (const { digest, kind } of manifest === undefined ? [] : await findFlaws(manifest, true))
        if (kind === 'damaged') await setAside(blobPath(digest));
      await setAside(manifestPath(key));
      return true;
    },
    async collectTree(digest, { maker, keep }) {
      const bytes = await readFile(blobPath(digest)).catch(() => undefined);
      if (bytes === undefined) return 0;
      const committed = maker === undefined ? undefined : await stat(manifestPath(maker)).catch(() => undefined);
      const committedMs = committed?.mtimeMs ?? Date.now();
      if (maker !== undefined) await setAside(manifestPath(maker));
      await rm(join(directory, 'trees', hexOf(digest)), { recursive: true, force: true });
      let freed = 0;
      for (const ref of Object.values(parseTree(bytes, digest).files))
        if (!keep.has(ref.digest)) freed += await collectBlob(ref.digest, committedMs);
      return freed + (await collectBlob(digest, committedMs));
    },
  };
}

/** Undefined where it is torn. */
function parseManifest(text: string): Manifest | undefined {
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    return undefined;
  }
}
