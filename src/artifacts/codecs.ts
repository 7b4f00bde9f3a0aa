/** How an output of a step is written as a blob and read back. */
import type { z } from 'zod';
import { canonicalJson } from '../formats/canonical-json.ts';
import { readJsonLines, writeJsonLines } from '../formats/json-lines.ts';
import type { ArtifactStore, BlobRef, Digest } from './types.ts';

export interface Codec<Value, Written = Value> {
  /** A step may leave the output out. */
  readonly isOptional: boolean;
  readonly write: (store: ArtifactStore, value: Written) => Promise<BlobRef>;
  /** `what` names the output in messages. */
  readonly read: (store: ArtifactStore, digest: Digest, what: string) => Promise<Value>;
}

/**
 * Decodes the output from bytes that the caller has read, e.g. to decode on another thread. For outputs that are one
 * blob.
 */
export interface BlobCodec<Value, Written = Value> extends Codec<Value, Written> {
  readonly isOptional: false;
  readonly decode: (bytes: Uint8Array, what: string) => Value;
}

function blobCodec<Value, Written>(
  encode: (value: Written) => Uint8Array,
  decode: (bytes: Uint8Array, what: string) => Value,
): BlobCodec<Value, Written> {
  return {
    isOptional: false,
    write: (store, value) => store.putBlob(encode(value)),
    read: async (store, digest, what) => decode(await store.readBlob(digest), what),
    decode,
  };
}

/** One JSON value in canonical form. `read` validates it where there is a schema. */
export const json = <T>(schema?: z.ZodType<T>): BlobCodec<T> =>
  blobCodec(
    (value) => Buffer.from(canonicalJson(value)),
    (bytes, what) => parseJson(bytes, what, schema),
  );

/** JSON lines. `read` does not validate each line: an output has thousands, and only this stage writes them. */
export const jsonLines = <Line>(): BlobCodec<Line[], readonly Line[]> =>
  blobCodec(writeJsonLines, (bytes, what) => readJsonLines<Line>(bytes, what));

/** Bytes in a custom format. */
export const bytes = (): BlobCodec<Buffer, Uint8Array> =>
  blobCodec(
    (value) => value,
    (read) => Buffer.from(read),
  );

/** A folder of files. Written from a folder, read as a read-only copy of it. */
export const tree = (): Codec<string> & { readonly isOptional: false } => ({
  isOptional: false,
  write: (store, directory) => store.putTree(directory),
  read: (store, digest) => store.materialiseTree(digest),
});

export const optional = <Value, Written>(
  codec: Codec<Value, Written>,
): Codec<Value, Written> & { readonly isOptional: true } => ({ ...codec, isOptional: true });

/** Stores a JSON value in canonical form, so that equal values are one blob. */
export const putJson = (store: ArtifactStore, value: unknown): Promise<BlobRef> =>
  store.putBlob(Buffer.from(canonicalJson(value)));

/**
 * Reads a blob that is one JSON value.
 * @throws Error that names the blob where it is not JSON, or not what the schema says
 */
export async function readJson<T>(store: ArtifactStore, digest: Digest, schema?: z.ZodType<T>): Promise<T> {
  return parseJson(await store.readBlob(digest), `blob ${digest}`, schema);
}

function parseJson<T>(bytes: Uint8Array, what: string, schema: z.ZodType<T> | undefined): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw new Error(`${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (schema === undefined) return value as T;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`${what} is not what its stage writes: ${parsed.error.issues[0]?.message ?? 'unknown form'}`);
}
