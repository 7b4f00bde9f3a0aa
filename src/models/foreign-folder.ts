/** Which files of a model folder from elsewhere are taken: what a model needs, and nothing that a link fetches from outside. */
import { lstat, opendir, readlink, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { errorCode } from '../formats/error-code.ts';
import { openRegularFile, UnfitFileError } from '../formats/regular-file.ts';
import { shown } from '../formats/shown.ts';
import { MAX_TEXT_BYTES, ModelFolderError } from './model-files.ts';

const ENDINGS = ['json', 'safetensors', 'jinja', 'txt', 'model'] as const;
/** Code, pickled weights and everything below the top level stay where they are. */
const TAKEN = new RegExp(
  `^(?:.+\\.(?:${ENDINGS.join('|')})|(?:README|LICEN[CS]E|NOTICE|USE_POLICY)(?:[._-].*)?)$`,
  'i',
);
/** Entries of the folder; models have some hundred shards at most. */
const MAX_ENTRIES = 10_000;
/** The Hub's cache: `models--owner--name/snapshots/<commit>/config.json` is a link to `../../blobs/<digest>`. */
const SNAPSHOT = /^(?<cache>.*)\/snapshots\/[^/]+(?:\/|$)/;

interface ListedFile {
  readonly name: string;
  readonly bytes: number;
}

export interface ForeignFile {
  readonly name: string;
  /** Names the opened file itself where the system has such a path, so that an exchanged link changes nothing. */
  readonly path: string;
}

/**
 * The files that a copy of the model takes, by name. Links lead to files of the folder or of the same Hub cache.
 *
 * @throws ModelFolderError that names the entry: a link out of the folder, a pipe, device or socket, a name with control
 * characters, a text of more than 64 MiB
 * @example await listForeignFiles('models/SmolLM2-135M'); // [{ name: 'config.json', bytes: 704 }, …]
 */
export async function listForeignFiles(folder: string): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  let entries = 0;
  for await (const { name } of await openFolder(folder)) {
    entries += 1;
    if (entries > MAX_ENTRIES) throw new ModelFolderError(`${folder} has more than ${MAX_ENTRIES} entries`);
    const path = join(folder, name);
    const status = await lstat(path);
    if (status.isDirectory()) continue;
    if (/\p{Cc}/u.test(name)) throw new ModelFolderError(`${shown(path)} has a name with control characters`);
    const target = status.isSymbolicLink() ? await linkTarget(folder, path) : status;
    if (target.isDirectory()) continue;
    if (!target.isFile())
      throw new ModelFolderError(`${path} is neither a file nor a folder; pipes, devices and sockets are refused`);
    if (!TAKEN.test(name)) continue;
    if (target.size > MAX_TEXT_BYTES && !name.toLowerCase().endsWith('.safetensors'))
      throw new ModelFolderError(`${path} has ${target.size} bytes; at most ${MAX_TEXT_BYTES} are taken`);
    files.push({ name, bytes: target.size });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** An absent folder has no entries: its readers then name the file that they miss. */
async function openFolder(folder: string): Promise<AsyncIterable<{ readonly name: string }>> {
  try {
    return await opendir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return (async function* () {})();
    throw error;
  }
}

/** Opens one file after the other and holds it open while it is the current one. @throws as `listForeignFiles` */
export async function* openForeignFiles(folder: string): AsyncGenerator<ForeignFile> {
  for (const { name } of await listForeignFiles(folder)) {
    const path = join(folder, name);
    const file = await openRegularFile(path).catch((error: unknown) => {
      throw error instanceof UnfitFileError ? new ModelFolderError(error.message) : error;
    });
    try {
      // The link may have been exchanged since it was looked at.
      const opened = `/proc/self/fd/${file.fd}`;
      const real = await readlink(opened).catch(() => undefined);
      if (real !== undefined) await requireInside(folder, path, real);
      yield { name, path: real === undefined ? path : opened };
    } finally {
      await file.close();
    }
  }
}

async function linkTarget(folder: string, path: string) {
  const real = await realpath(path).catch((error: unknown) => {
    const code = errorCode(error);
    if (code === 'ELOOP') throw new ModelFolderError(`${path} is a link that leads to itself`);
    if (code === 'ENOENT') throw new ModelFolderError(`${path} is a link to a file that does not exist`);
    throw error;
  });
  await requireInside(folder, path, real);
  return lstat(real);
}

async function requireInside(folder: string, path: string, real: string): Promise<void> {
  const root = await realpath(folder);
  const cache = SNAPSHOT.exec(root)?.groups?.cache;
  const allowed = [root, ...(cache === undefined ? [] : [join(cache, 'blobs')])];
  if (allowed.some((place) => real.startsWith(`${place}${sep}`))) return;
  throw new ModelFolderError(
    `${path} is a link out of the folder; links may lead to files of the folder, or of the same Hub cache (../../blobs/). If the file belongs to the model, replace the link by a copy`,
  );
}
