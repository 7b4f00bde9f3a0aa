/** Opens and reads files that may come from elsewhere: regular files only, up to a size. */
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

/** A path that can't be read as a file: a pipe, a device, a socket, a folder, or more bytes than allowed. */
export class UnfitFileError extends Error {
  override readonly name = 'UnfitFileError';
}

/**
 * Opens a regular file for reading. The caller closes it.
 *
 * @throws UnfitFileError for anything else, without waiting for a writer of a pipe; ENOENT and its like as they are
 * @example const file = await openRegularFile('model/config.json');
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  // Opening a device can act on it, so that its kind is looked at before and, as it may be exchanged, after.
  if (!(await stat(path)).isFile()) throw notRegular(path);
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    if (!(await file.stat()).isFile()) throw notRegular(path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Content of a regular file of at most `maxBytes`.
 *
 * @throws UnfitFileError, or what the file system throws
 * @example await readRegularFile('problems.jsonl', 64 * 2 ** 20);
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<Buffer> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw tooLarge(path, size, maxBytes);
    const chunks: Buffer[] = [];
    let bytes = 0;
    // Not by its size alone: files of /proc have none, and a file may grow. `end` is inclusive.
    for await (const chunk of file.createReadStream({ start: 0, end: maxBytes, autoClose: false })) {
      chunks.push(chunk);
      bytes += chunk.length;
    }
    if (bytes > maxBytes) throw tooLarge(path, bytes, maxBytes);
    return Buffer.concat(chunks, bytes);
  } finally {
    await file.close();
  }
}

const notRegular = (path: string): UnfitFileError =>
  new UnfitFileError(`${path} is not a regular file; pipes, devices, sockets and folders are not read`);

const tooLarge = (path: string, bytes: number, maxBytes: number): UnfitFileError =>
  new UnfitFileError(`${path} has ${bytes} bytes or more; at most ${maxBytes} are read`);
