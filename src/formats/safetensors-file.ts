/** Reads a safetensors file tensor by tensor, so that a large checkpoint is never in memory twice. */
import type { FileHandle } from 'node:fs/promises';
import { openRegularFile, UnfitFileError } from './regular-file.ts';
import { parseSafetensorsHeader, SafetensorsError, safetensorsHeaderBytes, type TensorPlace } from './safetensors.ts';

const CHUNK_BYTES = 16 * 1024 * 1024;
/** The unit of `blocks` in a file's status. */
const BLOCK_BYTES = 512;

/** Weights hardly compress. File systems that don't count blocks report 0. */
const isSparse = (bytes: number, bytesOnDisk: number): boolean =>
  bytes > CHUNK_BYTES && bytesOnDisk > 0 && bytesOnDisk < bytes / 16;

export class SafetensorsReader {
  readonly path: string;
  readonly places: ReadonlyMap<string, TensorPlace>;
  readonly #file: FileHandle;
  readonly #dataStart: number;

  private constructor(path: string, file: FileHandle, dataStart: number, places: ReadonlyMap<string, TensorPlace>) {
    this.path = path;
    this.#file = file;
    this.#dataStart = dataStart;
    this.places = places;
  }

  /**
   * Opens the file and checks its header against its length. Throws SafetensorsError with the path for a torn file, and
   * for one of which next to nothing is written: a copy of it would fill the disk with zeros.
   */
  static async open(path: string): Promise<SafetensorsReader> {
    const file = await openRegularFile(path).catch((error: unknown) => {
      throw error instanceof UnfitFileError ? new SafetensorsError(error.message) : error;
    });
    try {
      const { size, blocks } = await file.stat();
      if (isSparse(size, blocks * BLOCK_BYTES))
        throw new SafetensorsError(
          `only ${blocks * BLOCK_BYTES} of its ${size} bytes are on the disk; was its download cut short?`,
        );
      const first = new Uint8Array(8);
      const { bytesRead } = await file.read(first, 0, 8, 0);
      const headerBytes = safetensorsHeaderBytes(first.subarray(0, bytesRead), size);
      const header = Buffer.alloc(headerBytes);
      const { bytesRead: headerRead } = await file.read(header, 0, headerBytes, 8);
      if (headerRead < headerBytes) throw new SafetensorsError('its header ended early; is it being written?');
      const dataStart = 8 + headerBytes;
      const { places } = parseSafetensorsHeader(header.toString('utf8'), size - dataStart);
      return new SafetensorsReader(path, file, dataStart, places);
    } catch (error) {
      await file.close();
      if (error instanceof SafetensorsError) throw new SafetensorsError(`${path}: ${error.message}`);
      throw error;
    }
  }

  /** Passes the tensor's bytes to `take` in pieces. Each piece but the last is a multiple of 8 bytes. */
  async stream(name: string, take: (bytes: Uint8Array, byteOffset: number) => void): Promise<void> {
    let at = 0;
    for await (const bytes of this.chunks(name)) {
      take(bytes, at);
      at += bytes.byteLength;
    }
  }

  /** Yields the tensor's bytes in pieces. The next piece overwrites the buffer of the previous one. */
  async *chunks(name: string, pieceBytes = CHUNK_BYTES): AsyncGenerator<Uint8Array> {
    const place = this.places.get(name);
    if (place === undefined) throw new RangeError(`${this.path} has no tensor ${name}`);
    const total = place.end - place.start;
    const buffer = new Uint8Array(new ArrayBuffer(Math.min(total, pieceBytes)));
    for (let at = 0; at < total; ) {
      const wanted = Math.min(buffer.byteLength, total - at);
      let got = 0;
      while (got < wanted) {
        const { bytesRead } = await this.#file.read(
          buffer,
          got,
          wanted - got,
          this.#dataStart + place.start + at + got,
        );
        if (bytesRead === 0)
          throw new SafetensorsError(`${this.path}: tensor ${name} ended early; is it being written?`);
        got += bytesRead;
      }
      yield buffer.subarray(0, wanted);
      at += wanted;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
