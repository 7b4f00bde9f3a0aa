/** The upload with the real library against a server that takes what the Hub takes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { pushToHub } from '../../../src/cli/push-to-hub.ts';
import { readEnvironment } from '../../../src/config/environment.ts';

interface Asked {
  readonly call: string;
  readonly token: string | undefined;
  readonly body: string;
}

let server: Server;
let url: string;
let folder: string;
let asked: Asked[] = [];
let isRefusing = false;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'push-'));
  await writeFile(join(folder, 'config.json'), '{"model_type":"llama"}');
  await writeFile(join(folder, 'README.md'), '# a card');
  server = createServer(async (request, response) => {
    const call = `${request.method} ${request.url}`;
    const body = await text(request);
    asked.push({ call, token: request.headers.authorization, body });
    const answer = (status: number, json: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    };
    if (isRefusing) return answer(403, { error: 'You have no right to write here' });
    if (call.startsWith('POST /api/repos/create'))
      return answer(200, { url: `${url}/ada/tiny`, name: 'ada/tiny', id: 'x' });
    if (call.includes('/preupload/')) {
      const { files } = JSON.parse(body) as { files: { path: string }[] };
      return answer(200, { files: files.map(({ path }) => ({ path, uploadMode: 'regular', shouldIgnore: false })) });
    }
    if (call.includes('/commit/'))
      return answer(200, { success: true, commitOid: 'c0ffee', commitUrl: `${url}/ada/tiny/commit/c0ffee` });
    if (call.startsWith('POST /api/validate-yaml')) return answer(200, { errors: [], warnings: [] });
    return answer(200, { id: 'ada/tiny', sha: 'c0ffee', siblings: [] });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  asked = [];
});

function push() {
  vi.stubEnv('HF_ENDPOINT', url);
  vi.stubEnv('HF_TOKEN', 'hf_made_up');
  return pushToHub({ python: readEnvironment().python, folder, repository: 'ada/tiny', isPrivate: true });
}

it('makes a private model and commits every file of the folder', async () => {
  expect(await push()).toBe(`${url}/ada/tiny/commit/c0ffee`);
  const create = asked.find(({ call }) => call === 'POST /api/repos/create');
  expect(JSON.parse(create?.body ?? '')).toMatchObject({
    name: 'tiny',
    organization: 'ada',
    visibility: 'private',
  });
  const commit = asked.find(({ call }) => call.includes('/commit/'));
  expect(commit?.token).toBe('Bearer hf_made_up');
  const lines = (commit?.body ?? '')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { value: { path?: string } });
  expect(lines.flatMap(({ value }) => value.path ?? []).sort()).toEqual(['README.md', 'config.json']);
}, 300_000);

it('says what the Hub said, and where the export is', async () => {
  isRefusing = true;
  await expect(push()).rejects.toThrow(
    /the Hub refused ada\/tiny: .*You have no right to write here; the export stays in/s,
  );
}, 300_000);
