/**
 * The seam under the artifact store: objects under flat keys, as a directory, a bucket or a test's memory keeps them.
 * An implementation knows nothing of blobs, trees and manifests. The contract is tested by
 * `test/unit/artifacts/object-storage-contract.ts`.
 */
import type { Readable } from 'node:stream';
import type { Digest } from './types.ts';

export interface ObjectStatus {
  readonly bytes: number;
  /** When the object was last put, in milliseconds since 1970; of two puts the later one has the larger time, if `timeStepMs` lies between. */
  readonly modifiedMs: number;
}

/** A file of this machine as the content of an object. */
export interface FileBody {
  readonly path: string;
  readonly bytes: number;
  /** The upload fails with a `StoreError` if the file has another digest by now. */
  readonly digest: Digest;
  /** Nobody else writes the file: the storage may move it, and need not verify its digest. */
  readonly isOurs?: true;
}

/** Bytes from `start` up to, but not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Keys are relative paths with `/` between their parts (`blobs/ab/<hex>`). Objects are immutable: a key never gets
 * another content. A method rejects with a `StoreError`, or with an error of the file system; an absent object is a
 * value, never an error.
 */
export interface ObjectStorage {
  /** For messages: the path of the folder, the URL of the bucket. */
  readonly location: string;
  /** The unit of `modifiedMs`: 1000 for a bucket, which counts in seconds. Of two puts in it none is the later one. */
  readonly timeStepMs: number;
  get(key: string): Promise<Buffer | undefined>;
  /** The content, or a part of it, without holding it in memory. */
  stream(key: string, range?: ByteRange): Promise<Readable | undefined>;
  stat(key: string): Promise<ObjectStatus | undefined>;
  /** Every key that begins with the prefix, in ascending order. */
  list(prefix: string): AsyncIterable<string>;
  /**
   * Stores content that its key names: writers of one key write the same bytes. An object of this length is kept as it
   * is, and one of another length is replaced; `modifiedMs` becomes the time of this call either way (a bucket copies the
   * object onto itself).
   */
  put(key: string, body: Uint8Array | FileBody): Promise<void>;
  /** Stores the object unless the key is taken, atomically; false: another writer was first. */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Moves an object to another key; false where there is none. Copy and delete where the storage has no rename. */
  move(key: string, target: string): Promise<boolean>;
  /**
   * Deletes an object; returns what was deleted, or undefined where there was none or the condition did not hold. The
   * condition judges an object that no writer can reach any more, so that a `put` in between is not lost. A storage that
   * cannot take an object out of reach lets a writer that meets the deletion wait, and put again.
   */
  delete(key: string, onlyIf?: (status: ObjectStatus) => boolean): Promise<ObjectStatus | undefined>;
  /**
   * Makes the content a read-only file of this machine at a path that does not exist. `linked`: the file is the stored
   * object itself; `copied`: the caller verifies the copy.
   */
  fetch(key: string, path: string): Promise<'linked' | 'copied' | 'absent'>;
  /** Removes what writers that are gone left half written. */
  sweep(): Promise<void>;
}
