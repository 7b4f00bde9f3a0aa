/** What only a bucket has: lost answers, conflicts, broken downloads, uploads in parts, and servers that can't do it. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { digestOfBytes } from '../../../src/artifacts/digest.ts';
import { openStorage } from '../../../src/artifacts/open-store.ts';
import { raceWriters } from '../../../src/artifacts/race-writers.ts';
import { openS3Storage } from '../../../src/artifacts/s3-storage.ts';
import { hasS3Server, startS3, type TestS3 } from '../../support/s3-server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3-storage-'));
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'not-to-be-shown';
  process.env.AWS_REGION = 'us-east-1';
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(!hasS3Server)('on VersityGW (node infra/setup.mjs --test)', () => {
  let s3: TestS3;
  beforeAll(async () => {
    s3 = await startS3();
  });
  afterAll(() => s3.stop());

  test('a file of several parts comes back equal, and one that changes meanwhile is not stored', async () => {
    const bucket = await s3.makeBucket();
    const storage = await openS3Storage(`s3://${bucket}`, { endpoint: s3.endpoint });
    const path = join(folder, 'large');
    const bytes = randomBytes(40 * 1024 * 1024);
    await writeFile(path, bytes);
    const file = { path, bytes: bytes.length, digest: digestOfBytes(bytes) };
    await storage.put('blobs/ab/large', file);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'blobs/ab/large', PartNumber: 1 }));
    expect(head.PartsCount).toBe(3);
    await storage.fetch('blobs/ab/large', join(folder, 'fetched'));
    expect(
      createHash('sha256')
        .update(await readFile(join(folder, 'fetched')))
        .digest('hex'),
    ).toBe(file.digest.slice(7));

    await writeFile(path, Buffer.concat([bytes.subarray(1), Buffer.from('x')]));
    await expect(storage.put('blobs/cd/changed', file)).rejects.toThrow(/changed while it was stored/);
    expect(await storage.stat('blobs/cd/changed')).toBeUndefined();
  });

  test('of 20 writers at once one is first, and nothing of the race is left', async () => {
    const storage = await openS3Storage(`s3://${await s3.makeBucket()}/races`, { endpoint: s3.endpoint });
    expect(await raceWriters(storage)).toEqual({ writers: 20, rounds: 5, wrong: 0 });
    for await (const key of storage.list('')) expect(key).toBeUndefined();
  });

  test.each([
    ['a bucket that is not there', 's3://not-there/x', {}, /NoSuchBucket.*make the bucket/],
    [
      'a wrong secret',
      's3://bucket-1',
      { AWS_SECRET_ACCESS_KEY: 'another-secret' },
      /SignatureDoesNotMatch.*correct the credentials/,
    ],
    [
      'an unknown key',
      's3://bucket-1',
      { AWS_ACCESS_KEY_ID: 'nobody' },
      /s3:\/\/bucket-1: \w+.*correct the credentials/,
    ],
  ])('%s is an error that says what to do, without the secret', async (_what, location, change, message) => {
    const before = { ...process.env };
    Object.assign(process.env, change);
    const opening = openStorage(location, { endpoint: s3.endpoint, cache: { folder, bytes: 1e9 } });
    const error = await opening.catch((reason: unknown) => reason as Error);
    Object.assign(process.env, before);
    expect(error).toMatchObject({ name: 'StoreError', message: expect.stringMatching(message) });
    expect(`${(error as Error).stack}`).not.toMatch(/not-to-be-shown|another-secret/);
  });
});

test('a server that does not answer is named with what to do', async () => {
  await expect(openS3Storage('s3://bucket/x', { endpoint: 'http://127.0.0.1:1' })).rejects.toThrow(
    /opening|s3:\/\/bucket\/x: ECONNREFUSED.*start the server, or correct AWS_ENDPOINT_URL_S3/,
  );
});

test.each(['s3://', 's3://Bucket', 's3://bucket/../other', 's3://bucket/a b'])('%s is refused', async (location) => {
  await expect(openS3Storage(location)).rejects.toThrow(/a bucket is named as s3:\/\/BUCKET/);
});

/** A server that keeps objects in memory and does to each request what the test says. */
describe('on a server that misbehaves', () => {
  const objects = new Map<string, string>();
  let server: Server;
  let meddle: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  let endpoint: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (!meddle(request, response)) answer(request, response, Buffer.concat(chunks).toString());
      });
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  afterEach(() => {
    meddle = () => false;
    objects.clear();
  });

  function answer({ method, url = '', headers }: IncomingMessage, response: ServerResponse, body: string): void {
    const key = url.split('?')[0] ?? '';
    const known = objects.get(key);
    if (method === 'PUT') {
      if (known !== undefined && headers['if-none-match'] === '*') response.writeHead(412);
      else objects.set(key, body);
      response.end();
    } else if (method === 'DELETE') {
      objects.delete(key);
      response.writeHead(204).end();
    } else if (known === undefined) response.writeHead(404).end();
    else {
      const start = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
      const part = known.slice(start);
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': part.length });
      response.end(method === 'HEAD' ? undefined : part);
    }
  }
  const open = (idleMs?: number) =>
    openS3Storage('s3://bucket', { endpoint, ...(idleMs === undefined ? {} : { idleMs }) });

  test('one that ignores the condition is refused at opening, with servers that keep it', async () => {
    meddle = (request) => {
      delete request.headers['if-none-match'];
      return false;
    };
    await expect(open()).rejects.toThrow(/s3:\/\/bucket doesn't keep the first writer's object.*AWS S3, or VersityGW/);
  });

  test('a conflict with another writer is asked again, until one is first', async () => {
    const storage = await open();
    let conflicts = 3;
    meddle = ({ method }, response) => {
      if (method !== 'PUT' || conflicts === 0) return false;
      conflicts -= 1;
      response.writeHead(409).end();
      return true;
    };
    expect(await storage.putIfAbsent('manifests/a', Buffer.from('mine'))).toBe(true);
    expect(conflicts).toBe(0);
    expect(objects.get('/bucket/manifests/a')).toContain('mine');
  });

  test('a writer whose answer was lost finds its own object as the first one', async () => {
    const storage = await open();
    let isLost = false;
    meddle = ({ method, url = '' }, response) => {
      if (method !== 'PUT' || isLost) return false;
      isLost = true;
      objects.set(url.split('?')[0] ?? '', 'mine');
      response.socket?.destroy();
      return true;
    };
    expect(await storage.putIfAbsent('manifests/b', Buffer.from('mine'))).toBe(false);
    expect((await storage.get('manifests/b'))?.toString()).toBe('mine');
  });

  test('a download goes on where the connection broke, however often', async () => {
    const storage = await open();
    const content = 'weights '.repeat(400_000);
    objects.set('/bucket/blobs/aa/weights', content);
    let breaks = 7;
    const starts: (string | undefined)[] = [];
    meddle = ({ method, headers }, response) => {
      if (method !== 'GET') return false;
      starts.push(headers.range);
      if (breaks === 0) return false;
      breaks -= 1;
      const start = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
      response.writeHead(206, { 'content-length': content.length - start });
      response.write(content.slice(start, start + 300_000), () => response.socket?.destroySoon());
      return true;
    };
    expect(await storage.fetch('blobs/aa/weights', join(folder, 'broken'))).toBe('copied');
    expect(await readFile(join(folder, 'broken'), 'utf8')).toBe(content);
    // More often than a request is tried: every one gets on.
    expect(new Set(starts).size).toBeGreaterThan(5);
  });

  test('a download whose answers all end early is an error', async () => {
    const storage = await open();
    objects.set('/bucket/blobs/aa/short', 'weights');
    meddle = ({ method }, response) => {
      if (method !== 'GET') return false;
      response.writeHead(206, { 'content-length': 0 }).end();
      return true;
    };
    await expect(storage.fetch('blobs/aa/short', join(folder, 'short'))).rejects.toThrow(/ended after 0 of 7 bytes/);
  });

  test('a request that gets no answer, and a download that stands still, are sent again', async () => {
    const storage = await open(200);
    objects.set('/bucket/blobs/aa/still', 'weights');
    const stalls = new Set(['HEAD', 'GET']);
    meddle = ({ method = '' }, response) => {
      if (!stalls.delete(method)) return false;
      if (method === 'GET') response.writeHead(206, { 'content-length': 7 }).write('wei');
      return true;
    };
    expect(await storage.fetch('blobs/aa/still', join(folder, 'still'))).toBe('copied');
    expect(await readFile(join(folder, 'still'), 'utf8')).toBe('weights');
    expect(stalls.size).toBe(0);
  });
});
