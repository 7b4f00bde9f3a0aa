/** Copies a checkpoint from the server into a folder. Nothing that the server sends is trusted before it is checked. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ApiClient, ask, inPath } from '../api/client.ts';
import { isInnerPath } from '../artifacts/tree.ts';
import type { BlobRef, Digest } from '../artifacts/types.ts';
import { errorCode } from '../formats/error-code.ts';
import { isTrainingState } from '../trainer/training-state.ts';
import { CommandFailure } from './exit.ts';
import { findProvenance, writeProvenance } from './provenance.ts';

export interface ExportedCheckpoint {
  readonly digest: Digest;
  readonly folder: string;
  /** Of the checkpoint, as they are in the store. */
  readonly files: readonly string[];
  /** Made by the export: the model card and what goes with it. */
  readonly added: readonly string[];
  readonly bytes: number;
}

/**
 * Writes to a temporary folder next to the target and renames it at the end, so that the target is whole or absent.
 *
 * @param folder - Absent or empty
 * @throws CommandFailure for a file name outside the folder, before anything is written, and for a damaged file
 */
export async function exportCheckpoint(api: ApiClient, reference: string, folder: string): Promise<ExportedCheckpoint> {
  const { digest, files: all } = await ask(api.checkpoints[':reference'].$get({ param: inPath({ reference }) }));
  const files = Object.fromEntries(Object.entries(all).filter(([path]) => !isTrainingState(path)));
  for (const path of Object.keys(files))
    if (!isInnerPath(path))
      throw new CommandFailure(
        `the server names the file ${JSON.stringify(path)} outside the folder; nothing is written`,
      );
  await mkdir(dirname(folder), { recursive: true });
  const partial = await mkdtemp(`${folder}.partial-`);
  let added: readonly string[] = [];
  try {
    for (const [path, ref] of Object.entries(files)) {
      const target = join(partial, path);
      await mkdir(dirname(target), { recursive: true });
      await writeChecked(api, digest, path, ref, target);
    }
    const provenance = await findProvenance(api, reference, digest);
    if (provenance !== undefined) added = await writeProvenance(partial, digest, provenance);
    await rmdir(folder).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT')
        throw new CommandFailure(`${folder} can't be replaced (${errorCode(error)}); name a new folder`);
    });
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  return { digest, folder, files: Object.keys(files), added, bytes };
}

/** Writes a new file; stops at the first byte more than there should be. */
async function writeChecked(api: ApiClient, digest: Digest, path: string, ref: BlobRef, target: string): Promise<void> {
  const { body } = await api.checkpoints[':reference'].files[':path{.+}'].$get({
    param: inPath({ reference: digest, path }),
  });
  if (body === null) throw new CommandFailure(`the server sent nothing for ${path}`);
  const damaged = new CommandFailure(`${path} arrived damaged: its digest is not ${ref.digest}; try again`);
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > ref.bytes) throw damaged;
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(target, { flags: 'wx' }),
  );
  if (`sha256:${hash.digest('hex')}` !== ref.digest) throw damaged;
}
