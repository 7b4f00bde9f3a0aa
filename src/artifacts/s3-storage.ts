/**
 * Objects in a bucket of S3, or of a server with its protocol. The server has to keep the first writer's object under
 * `If-None-Match: *`; opening probes that.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ByteRange, FileBody, ObjectStatus, ObjectStorage } from './object-storage.ts';
import { guard, StoreError } from './store-error.ts';

export interface S3Options {
  /** URL of a server other than AWS. */
  readonly endpoint?: string | undefined;
  /** A request fails, and is sent again, when no byte came or went for this long. */
  readonly idleMs?: number;
}

const MEBIBYTE = 1_048_576;
/** Files from this size on go up in parts. */
const PART_BYTES = 16 * MEBIBYTE;
/** The protocol allows 10,000. */
const MOST_PARTS = 9000;
/** The protocol copies no larger object in one request. */
const MOST_COPIED_BYTES = 5 * 1024 * MEBIBYTE;
const ATTEMPTS = 5;
/** Includes waiting for one of the client's sockets. */
const CONNECT_MS = 30_000;
/** A server is silent while it copies a large object or joins its parts. */
const IDLE_MS = 300_000;
/** Another writer of the same key is at work; it needs milliseconds. */
const CONFLICT_ATTEMPTS = 50;
const CONFLICT_PAUSE_MS = 100;
/** An object is marked while it is deleted, for this long at most. */
const MARK_MS = 60_000;
const MARK_PAUSE_MS = 100;
const markOf = (key: string): string => `deleting/${key}`;
/** An upload in parts that is older belongs to no process any more. */
const UPLOAD_MS = 24 * 3_600_000;

/**
 * @param location `s3://BUCKET/PREFIX`; region and credentials are found as every AWS tool finds them
 * @throws StoreError for a URL without a bucket, a bucket that can't be used, and a server that doesn't keep the first
 *   writer's object
 * @example const storage = await openS3Storage('s3://math-models/whencode', { endpoint: 'http://127.0.0.1:7070' });
 */
export async function openS3Storage(
  location: string,
  { endpoint, idleMs = IDLE_MS }: S3Options = {},
): Promise<ObjectStorage> {
  const { bucket, prefix } = parseLocation(location);
  const client = new S3Client({
    maxAttempts: ATTEMPTS,
    // By default the SDK waits for ever.
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: idleMs },
    // The store compares the digest of what it reads.
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  });
  const storage = createS3Storage(client, bucket, prefix);
  await guard(`opening the artifact store ${location}`, () => requireConditionalWrites(storage));
  return storage;
}

function parseLocation(location: string): { readonly bucket: string; readonly prefix: string } {
  const [, bucket, path = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]+)(?:\/+(.*))?$/.exec(location) ?? [];
  const parts = path.split('/').filter((part) => part !== '');
  if (bucket === undefined || parts.some((part) => !/^[\w.-]+$/.test(part) || part === '..' || part === '.'))
    throw new StoreError(
      'failed',
      `the artifact store ${location}: a bucket is named as s3://BUCKET or s3://BUCKET/FOLDER`,
    );
  return { bucket, prefix: parts.map((part) => `${part}/`).join('') };
}

/** A sequential probe: a server that ignores the condition, or doesn't know it, is found. `doctor` tries a race. */
async function requireConditionalWrites(storage: ObjectStorage): Promise<void> {
  const key = `probe/${randomUUID()}`;
  const isFirst = await storage.putIfAbsent(key, Buffer.from('first'));
  const isSecondToo = await storage.putIfAbsent(key, Buffer.from('second'));
  await storage.delete(key);
  if (isFirst && !isSecondToo) return;
  throw new StoreError(
    'failed',
    `${storage.location} doesn't keep the first writer's object (PUT with If-None-Match), so two attempts at a step would overwrite each other; use a server that does: AWS S3, or VersityGW (docs/several-machines.md)`,
  );
}

function createS3Storage(client: S3Client, Bucket: string, prefix: string): ObjectStorage {
  const location = `s3://${Bucket}/${prefix}`.replace(/\/$/, '');
  const at = (key: string) => ({ Bucket, Key: `${prefix}${key}` });

  /** Undefined where there is no object. Other failures name the bucket and what to do. */
  async function orAbsent<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (statusOf(error) === 404 && !isOfBucket(error)) return undefined;
      throw s3Error(location, error);
    }
  }
  const send = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw s3Error(location, error);
    }
  };

  async function stat(key: string): Promise<ObjectStatus | undefined> {
    const head = await orAbsent(client.send(new HeadObjectCommand(at(key))));
    return head === undefined
      ? undefined
      : { bytes: head.ContentLength ?? 0, modifiedMs: head.LastModified?.getTime() ?? 0 };
  }

  async function stream(key: string, range?: ByteRange): Promise<Readable | undefined> {
    const Range = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` };
    const found = await orAbsent(client.send(new GetObjectCommand({ ...at(key), ...Range })));
    // In Node the body is a Readable; the SDK's type covers browsers too.
    return found?.Body as Readable | undefined;
  }

  async function get(key: string): Promise<Buffer | undefined> {
    const found = await orAbsent(client.send(new GetObjectCommand(at(key))));
    return found === undefined ? undefined : Buffer.from((await found.Body?.transformToByteArray()) ?? []);
  }

  async function* list(start: string): AsyncIterable<string> {
    let ContinuationToken: string | undefined;
    do {
      const Prefix = `${prefix}${start}`;
      const page = await send(client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken })));
      for (const { Key = '' } of page.Contents ?? []) yield Key.slice(prefix.length);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  async function upload(key: string, body: Readable, bytes: number): Promise<void> {
    const partSize = Math.max(PART_BYTES, Math.ceil(bytes / MOST_PARTS));
    const parts = new Upload({ client, params: { ...at(key), Body: body }, partSize, queueSize: 4 });
    await send(parts.done());
  }

  /** False where there is no such object. */
  async function copy(key: string, target: string): Promise<boolean> {
    const status = await stat(key);
    if (status === undefined) return false;
    if (status.bytes > MOST_COPIED_BYTES) {
      const body = await stream(key);
      if (body === undefined) return false;
      await upload(target, body, status.bytes);
      return true;
    }
    const CopySource = `${Bucket}/${prefix}${key}`.split('/').map(encodeURIComponent).join('/');
    return (await orAbsent(client.send(new CopyObjectCommand({ ...at(target), CopySource })))) !== undefined;
  }

  const remove = (key: string) => send(client.send(new DeleteObjectCommand(at(key))));

  async function putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await client.send(new PutObjectCommand({ ...at(key), Body: bytes, IfNoneMatch: '*' }));
        return true;
      } catch (error) {
        const status = statusOf(error);
        // Also after a lost answer to our own request: the caller then reads its own object as the winner's.
        if (status === 412) return false;
        if (status !== 409 || attempt === CONFLICT_ATTEMPTS) throw s3Error(location, error);
        await sleep(Math.random() * CONFLICT_PAUSE_MS);
      }
    }
  }

  /**
   * Waits for one that deletes this object, and returns whether the object has to be put again. A writer looks for the
   * mark after its put; one that deletes looks at the object's time after its mark. So one of the two sees the other.
   */
  async function waitWhileMarked(key: string): Promise<boolean> {
    const mark = markOf(key);
    if ((await stat(mark)) === undefined) return false;
    const end = performance.now() + MARK_MS;
    while (performance.now() < end) {
      await sleep(MARK_PAUSE_MS);
      if ((await stat(mark)) === undefined) return true;
    }
    // The process that made the mark has died, or has passed its time limit.
    await remove(mark);
    return true;
  }

  return {
    location,
    timeStepMs: 1000,
    get,
    stream,
    stat,
    list,
    // Stored again where it is there: that makes it as recent as a new one, and a request for its age costs as much.
    async put(key, body) {
      do {
        if (body instanceof Uint8Array) await send(client.send(new PutObjectCommand({ ...at(key), Body: body })));
        else await upload(key, verified(body), body.bytes);
      } while (await waitWhileMarked(key));
      if (!(body instanceof Uint8Array) && body.isOurs === true) await rm(body.path, { force: true });
    },
    putIfAbsent,
    async move(key, target) {
      if (!(await copy(key, target))) return false;
      await remove(key);
      return true;
    },
    async delete(key, onlyIf = () => true) {
      const judge = async (): Promise<ObjectStatus | undefined> => {
        const status = await stat(key);
        return status !== undefined && onlyIf(status) ? status : undefined;
      };
      // Asked first without a mark: most objects that stay are seen here.
      if ((await judge()) === undefined) return undefined;
      const mark = markOf(key);
      const markedAt = performance.now();
      if (!(await putIfAbsent(mark, Buffer.from('')))) {
        const known = await stat(mark);
        if (known !== undefined && Date.now() - known.modifiedMs > MARK_MS) await remove(mark);
        return undefined;
      }
      try {
        const status = await judge();
        // Late: a writer may have given up waiting.
        if (status === undefined || performance.now() - markedAt > MARK_MS / 2) return undefined;
        await remove(key);
        return status;
      } finally {
        await remove(mark);
      }
    },
    async fetch(key, path) {
      const bytes = (await stat(key))?.bytes;
      if (bytes === undefined) return 'absent';
      const file = await open(path, 'wx');
      try {
        let start = 0;
        let failures = 0;
        while (start < bytes) {
          const from = start;
          const body = await stream(key, { start, end: bytes });
          if (body === undefined) return 'absent';
          let failure: unknown;
          try {
            for await (const chunk of body as AsyncIterable<Buffer>) {
              await file.write(chunk);
              start += chunk.length;
            }
          } catch (error) {
            failure = error;
          }
          if (start >= bytes) break;
          // Goes on where the connection was lost, or the answer ended. A large file may lose it many times.
          failures = start > from ? 0 : failures + 1;
          if (failures >= ATTEMPTS)
            throw s3Error(location, failure ?? new Error(`${key} ended after ${start} of ${bytes} bytes`));
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await chmod(path, 0o444);
      return 'copied';
    },
    async sweep() {
      const before = Date.now() - UPLOAD_MS;
      const listing = new ListMultipartUploadsCommand({ Bucket, Prefix: `${prefix}blobs/` });
      // Not every server lists them, and not everybody may.
      const { Uploads = [] } = await client.send(listing).catch(() => ({ Uploads: [] }));
      for (const { Key, UploadId, Initiated } of Uploads)
        if ((Initiated?.getTime() ?? before) < before)
          await orAbsent(client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })));
    },
  };
}

/** The file's content. It ends with an error where the content is not what was announced, and nothing is stored then. */
function verified({ path, digest }: FileBody): Readable {
  const hash = createHash('sha256');
  const source = createReadStream(path, { highWaterMark: MEBIBYTE });
  const check = async function* (): AsyncIterable<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
    if (`sha256:${hash.digest('hex')}` !== digest)
      throw new StoreError('failed', `${path} changed while it was stored; retry once it is complete`);
  };
  return Readable.from(check(), { objectMode: false });
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

const isOfBucket = (error: unknown): boolean => error instanceof Error && error.name === 'NoSuchBucket';

/** By the name of the SDK's error. */
const REMEDIES: Readonly<Record<string, string>> = {
  NoSuchBucket: 'make the bucket, or correct its name',
  AccessDenied: 'let these credentials list the bucket, and read, write and delete its objects',
  Forbidden: 'let these credentials list the bucket, and read, write and delete its objects',
  InvalidAccessKeyId: 'correct the credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, or AWS_PROFILE)',
  // VersityGW's name for it.
  XAdminUserNotFound: 'correct the credentials (AWS_ACCESS_KEY_ID)',
  SignatureDoesNotMatch: 'correct the credentials (AWS_SECRET_ACCESS_KEY)',
  CredentialsProviderError:
    'give credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role of the machine',
  ECONNREFUSED: 'start the server, or correct AWS_ENDPOINT_URL_S3',
  ENOTFOUND: 'correct AWS_ENDPOINT_URL_S3 or AWS_REGION',
};

const OTHER_REMEDIES = {
  'read-only': 'correct the credentials, or what they may do',
  failed: 'retry, and see the log of the S3 server',
} as const;

function s3Error(location: string, error: unknown): Error {
  if (error instanceof StoreError || !(error instanceof Error)) return error as Error;
  const name = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const code = statusOf(error) === 403 ? 'read-only' : 'failed';
  const remedy = REMEDIES[name] ?? (/region/i.test(error.message) ? 'set AWS_REGION' : OTHER_REMEDIES[code]);
  const said = error.message === '' || error.message === 'UnknownError' ? '' : `: ${error.message}`;
  return new StoreError(code, `${location}: ${name}${said}; ${remedy}`, error);
}
