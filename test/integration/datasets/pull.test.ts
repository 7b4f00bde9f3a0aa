/** Pulls from a real HTTP server on this machine, with what goes wrong on the way. */
import { createHash } from 'node:crypto';
import { access, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DownloadError } from '../../../src/datasets/download.ts';
import { readProblemFile } from '../../../src/datasets/problem-file.ts';
import { ChecksumError, type PullOptions, pullDataset } from '../../../src/datasets/pull.ts';
import type { RegisteredDataset } from '../../../src/datasets/registry.ts';

const source = Array.from({ length: 4000 }, (_, i) =>
  JSON.stringify({ question: `What is ${i} plus 1?`, answer: `One more than ${i}.\n#### ${i + 1}` }),
).join('\n');
const bytes = Buffer.from(source);
const sha256 = createHash('sha256').update(bytes).digest('hex');

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

let directory = '';
let server: Server;
let handler: Handler;
let requests: (string | undefined)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'whencode-pull-'));
  requests = [];
  server = createServer((request, response) => {
    requests.push(request.headers.range);
    handler(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

/** Sends what is asked for; `until` breaks the connection there, `etag` names the version. */
function send(
  request: IncomingMessage,
  response: ServerResponse,
  options: { ranges?: boolean; until?: number; etag?: string; body?: Buffer } = {},
): void {
  const { ranges = true, etag = '"v1"', body = bytes } = options;
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const resumes = ranges && asked !== null && request.headers['if-range'] === etag;
  const start = resumes ? Number(asked[1]) : 0;
  response.writeHead(resumes ? 206 : 200, {
    'content-length': body.length - start,
    ...(ranges ? { etag } : {}),
    ...(resumes ? { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` } : {}),
  });
  if (options.until === undefined) response.end(body.subarray(start));
  else {
    response.write(body.subarray(start, options.until));
    breakWhenWritten(response, options.until);
  }
}

/** Breaks the connection once the client has that many bytes on disk, however slow the machine is. */
function breakWhenWritten(response: ServerResponse, size: number): void {
  const timer = setInterval(async () => {
    const written = await stat(join(directory, 'sums.part')).catch(() => ({ size: 0 }));
    if (written.size < size && !response.destroyed) return;
    clearInterval(timer);
    response.destroy();
  }, 10);
}

const sendWhole: Handler = (request, response) => send(request, response);

/** The data set that the server has, without a checksum. */
function unstated(): RegisteredDataset {
  const { port } = server.address() as AddressInfo;
  return {
    name: 'sums',
    title: 'Sums',
    problems: 4001,
    url: `http://127.0.0.1:${port}/sums.jsonl`,
    homepage: '',
    licence: 'MIT',
    verified: false,
    format: { answer: { kind: 'after-hashes', field: 'answer' }, keep: [] },
  };
}

function pull(options: Partial<PullOptions> = {}) {
  const dataset = { ...unstated(), checksum: { sha256, statedBy: 'the test' } };
  return pullDataset(dataset, { directory, retryDelayMs: 1, ...options });
}

const pulledFiles = async (): Promise<string[]> => (await readdir(directory)).sort();
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe('data pull', () => {
  it('writes the problems in our format, with where they came from', async () => {
    handler = sendWhole;
    const pulled = await pull();
    expect(pulled).toMatchObject({ problems: 4000, withoutAnswer: 0, source: { sha256, checkedAgainst: 'the test' } });
    const { problems } = await readProblemFile(pulled.path);
    expect(problems[41]).toEqual({ id: 'sums/41', problem: 'What is 41 plus 1?', answer: '42' });
    expect(await pulledFiles()).toEqual(['sums.jsonl', 'sums.origin.json']);
    expect(JSON.parse(await readFile(join(directory, 'sums.origin.json'), 'utf8')).source.sha256).toBe(sha256);
  });

  it('goes on where the connection broke', async () => {
    handler = (request, response, count) => send(request, response, count === 1 ? { until: 100_000 } : {});
    expect((await pull()).problems).toBe(4000);
    expect(requests).toEqual([undefined, 'bytes=100000-']);
  });

  it('goes on in the next call when every try of this one broke', async () => {
    handler = (request, response, count) => send(request, response, { until: 50_000 * count });
    await expect(pull({ attempts: 2 })).rejects.toThrow(DownloadError);
    expect(await exists(join(directory, 'sums.jsonl'))).toBe(false);
    handler = sendWhole;
    expect((await pull()).problems).toBe(4000);
    expect(requests).toEqual([undefined, 'bytes=50000-', 'bytes=100000-']);
  });

  it('starts again where the server knows no ranges', async () => {
    handler = (request, response, count) =>
      send(request, response, count === 1 ? { until: 100_000, ranges: false } : { ranges: false });
    expect((await pull()).problems).toBe(4000);
    expect(requests).toEqual([undefined, undefined]);
  });

  it('starts again when the file changed between two tries, and never joins two versions', async () => {
    const older = Buffer.from(source.replaceAll('plus', 'and '));
    handler = (request, response, count) =>
      send(request, response, count === 1 ? { until: 100_000, body: older } : { etag: '"v2"' });
    const pulled = await pull();
    expect(pulled.source.sha256).toBe(sha256);
    expect(requests).toEqual([undefined, 'bytes=100000-']);
  });

  it('refuses and deletes a file with another checksum', async () => {
    handler = (request, response) => send(request, response, { body: Buffer.from(`${source}\n`) });
    await expect(pull()).rejects.toThrow(ChecksumError);
    expect(await pulledFiles()).toEqual([]);
  });

  it('says so when there is no checksum to compare with', async () => {
    handler = sendWhole;
    const pulled = await pullDataset(unstated(), { directory });
    expect(pulled.source).not.toHaveProperty('checkedAgainst');
    expect([pulled.problems, pulled.expectedProblems]).toEqual([4000, 4001]);
  });

  it('without a published checksum takes no other file than the first', async () => {
    handler = sendWhole;
    await pullDataset(unstated(), { directory });
    const before = await readFile(join(directory, 'sums.jsonl'), 'utf8');
    await pullDataset(unstated(), { directory });
    handler = (request, response) => send(request, response, { body: Buffer.from(`${source}\n`), etag: '"v2"' });
    await expect(pullDataset(unstated(), { directory })).rejects.toThrow(
      /but had [0-9a-f]{64} when it was first pulled/,
    );
    expect(await readFile(join(directory, 'sums.jsonl'), 'utf8')).toBe(before);
    await rm(join(directory, 'sums.origin.json'));
    expect((await pullDataset(unstated(), { directory })).problems).toBe(4000);
  });

  it('is not sent elsewhere', async () => {
    const elsewhere = createServer((_, response) => response.end(bytes)).listen(0, '127.0.0.1');
    await new Promise((resolve) => elsewhere.once('listening', resolve));
    const { port } = elsewhere.address() as AddressInfo;
    handler = (_, response) => response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end();
    await expect(pull()).rejects.toThrow(/the server sends the download to http:\/\/127\.0\.0\.1/);
    expect(requests).toHaveLength(1);
    elsewhere.close();
  });

  it('tries again after a server error, and gives up at once where the file is not there', async () => {
    handler = (request, response, count) => (count < 3 ? response.writeHead(503).end() : send(request, response));
    expect((await pull()).problems).toBe(4000);
    requests = [];
    handler = (_, response) => response.writeHead(404).end('gone');
    await expect(pull()).rejects.toThrow(/answered 404$/);
    expect(requests).toHaveLength(1);
  });

  it('keeps an earlier pull when a later one fails', async () => {
    handler = sendWhole;
    const { path } = await pull();
    handler = (request, response) => send(request, response, { body: Buffer.from('<html>busy</html>') });
    await expect(pull()).rejects.toThrow(ChecksumError);
    expect((await readProblemFile(path)).problems).toHaveLength(4000);
  });

  it('stops when told to', async () => {
    handler = (request, response) => send(request, response, { until: 1000 });
    const controller = new AbortController();
    const pulling = pull({ signal: controller.signal, attempts: 50, retryDelayMs: 1000 });
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(pulling).rejects.toThrow('enough');
  });
});
