/** Programs that take the place of the server: what they get from the client, and what they can make it do. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ask, createClient } from '../../../src/api/client.ts';
import { meetServer } from '../../../src/api/meet-server.ts';
import { digestOfBytes } from '../../../src/artifacts/digest.ts';
import type { CampaignDeps } from '../../../src/campaigns/deps.ts';
import { serverProof } from '../../../src/process/mutual-proof.ts';
import { serveApp } from '../../../src/server/serve.ts';
import { askPage } from '../../support/page-requests.ts';
import { callCommand } from '../cli/bad-input/call-command.ts';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const beside = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));

type Printing = ChildProcessByStdio<null, Readable, null>;

let folder: string;
let children: Printing[] = [];
let servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impostor-'));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const server of servers) server.close();
  [children, servers] = [[], []];
  await rm(folder, { recursive: true, force: true });
});

/** A process, and all that it has printed. */
async function start(args: readonly string[], options: { readonly uid?: number } = {}) {
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  const child = spawn(process.execPath, args, { ...options, cwd: '/', stdio });
  children.push(child);
  const said = { text: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said.text += chunk;
  });
  await once(child.stdout, 'data');
  return { child, said };
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** A home folder whose control process is said to listen on the port. */
async function homeAt(port: number, token: string): Promise<string> {
  const home = join(folder, 'home');
  await mkdir(home);
  await writeFile(join(home, 'token'), `${token}\n`);
  await writeFile(join(home, 'control.json'), JSON.stringify({ url: `http://127.0.0.1:${port}`, pid: 1 }));
  return home;
}

it('another user who takes the port of a killed server gets no token', async () => {
  const tsx = fileURLToPath(import.meta.resolve('tsx'));
  const { child, said } = await start(['--import', tsx, beside('serve-test-home.ts')]);
  const home = said.text.trim();
  try {
    expect(await callCommand(['--home', home, 'open'])).toMatchObject({ code: 0 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { url } = JSON.parse(await readFile(join(home, 'control.json'), 'utf8')) as { url: string };
    // As text: the other user may be unable to read this folder.
    const program = await readFile(beside('squatter.mjs'), 'utf8');
    const { port } = new URL(url);
    const squatter = await start(['--input-type=module', '-e', program, port], isRoot ? { uid: NOBODY } : {});
    for (const args of [['campaign', 'list'], ['open'], ['checkpoint', 'export', 'math', join(folder, 'out')]]) {
      const called = await callCommand(['--home', home, ...args]);
      expect(called).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('does not know the token') });
    }
    const token = (await readFile(join(home, 'token'), 'utf8')).trim();
    expect(squatter.said.text.match(/^GET \/proof\/[0-9a-f]{64} /gm)).toHaveLength(3);
    expect(squatter.said.text).not.toContain(token);
    expect(squatter.said.text).not.toMatch(/authorization/i);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

const TOKEN = 'a'.repeat(64);

/** The real server. Nothing is asked of it that needs campaigns. */
const serve = (port: number) =>
  serveApp({} as CampaignDeps, { readToken: async () => TOKEN, port, log: console.error });

it('one that passes the proof on from the real server at another port gets nothing', async () => {
  const real = await serve(0);
  const asked: string[] = [];
  const relay = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url} ${incoming.headers.authorization ?? ''}`);
    const { url: path, method } = incoming;
    const headers = { ...incoming.headers, host: `127.0.0.1:${real.port}` };
    const on = request({ port: real.port, host: '127.0.0.1', path, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(on);
  });
  try {
    const { api } = createClient({ url: `http://127.0.0.1:${await listen(relay)}`, token: TOKEN });
    await expect(api.links.$post()).rejects.toThrow('does not know the token');
    expect(asked).toEqual([expect.stringMatching(/^GET \/proof\/[0-9a-f]{64} $/)]);
  } finally {
    await real.close();
  }
});

it('what a client sent to a server is of no use after its restart', async () => {
  const first = await serve(0);
  const authorization = await meetServer({ url: first.url, token: TOKEN });
  const host = `127.0.0.1:${first.port}`;
  const status = async () =>
    (await askPage(first, '/api/links', { method: 'POST', host, headers: { authorization } })).status;
  expect(authorization).not.toContain(TOKEN);
  expect(await status()).toBe(201);
  await first.close();
  const second = await serve(first.port);
  expect(await status()).toBe(401);
  await second.close();
});

it.each([1, 2])(
  'a client whose proof is refused %i times, as after a restart, proves itself anew once',
  async (times) => {
    let refusals = 0;
    let port = 0;
    const server = createServer((asked, answer) => {
      const nonce = /^\/proof\/(.*)$/.exec(asked.url ?? '')?.[1];
      const instance = `0${refusals}`;
      const meeting = { token: TOKEN, address: `127.0.0.1:${port}`, instance };
      answer.setHeader('content-type', 'application/json');
      if (nonce !== undefined) return answer.end(JSON.stringify({ instance, proof: serverProof(meeting, nonce) }));
      if (refusals === times) return answer.end('{"url":"a link"}');
      refusals += 1;
      return answer.writeHead(401).end('{"error":{"code":"unauthorized","message":"another start"}}');
    });
    port = await listen(server);
    const { api } = createClient({ url: `http://127.0.0.1:${port}`, token: TOKEN });
    const asked = ask(api.links.$post());
    if (times === 1) expect(await asked).toEqual({ url: 'a link' });
    else await expect(asked).rejects.toThrow('another start');
    expect(refusals).toBe(times);
  },
);

const CONTENT = 'alias ls="rm -r"\n';

/** A server that knows the token, and offers a checkpoint of one file. */
async function offer(path: string, ref: { digest?: string; bytes?: number } = {}): Promise<string> {
  const { digest = digestOfBytes(CONTENT), bytes = CONTENT.length } = ref;
  let port = 0;
  const server = createServer((asked, answer) => {
    const nonce = /^\/proof\/(.*)$/.exec(asked.url ?? '')?.[1];
    const meeting = { token: TOKEN, address: `127.0.0.1:${port}`, instance: '00' };
    answer.setHeader('content-type', 'application/json');
    if (nonce !== undefined) answer.end(JSON.stringify({ instance: '00', proof: serverProof(meeting, nonce) }));
    else if (asked.url?.includes('/files/')) answer.end(CONTENT);
    else
      answer.end(
        `{"checkpoints":[],"digest":"${digestOfBytes('tree')}","files":${JSON.stringify({ [path]: { digest, bytes } })}}`,
      );
  });
  port = await listen(server);
  return homeAt(port, TOKEN);
}

it.each(['../victim/.bashrc', '/tmp/victim/.bashrc', 'a/../../victim/.bashrc', '..', '', 'a//b', './a', 'a\0b'])(
  'export refuses the file name %j before it writes anything',
  async (path) => {
    const home = await offer(path);
    await mkdir(join(folder, 'victim'));
    const target = join(folder, 'exported');
    expect(await callCommand(['--home', home, 'checkpoint', 'export', 'mymodel', target])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/outside the folder; nothing is written|empty/),
    });
    expect((await readdir(folder)).sort()).toEqual(['home', 'victim']);
    expect(await readdir(join(folder, 'victim'))).toEqual([]);
  },
);

it.each([
  ['another digest', { digest: digestOfBytes('other') }],
  ['more bytes than said', { bytes: CONTENT.length - 1 }],
])('export leaves nothing of a file with %s', async (_, ref) => {
  const home = await offer('model.bin', ref);
  const called = await callCommand(['--home', home, 'checkpoint', 'export', 'mymodel', join(folder, 'exported')]);
  expect(called).toMatchObject({ code: 1, stderr: expect.stringContaining('arrived damaged') });
  expect(await readdir(folder)).toEqual(['home']);
});

it('export replaces no link, and writes through none', async () => {
  const home = await offer('model.bin');
  await mkdir(join(folder, 'elsewhere'));
  const target = join(folder, 'exported');
  await symlink(join(folder, 'elsewhere'), target);
  const called = await callCommand(['--home', home, 'checkpoint', 'export', 'mymodel', target]);
  expect(called).toMatchObject({ code: 1, stderr: expect.stringContaining('name a new folder') });
  expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
  expect((await readdir(folder)).sort()).toEqual(['elsewhere', 'exported', 'home']);
  await rm(target);
  expect(await callCommand(['--home', home, 'checkpoint', 'export', 'mymodel', target])).toMatchObject({ code: 0 });
  expect(await readFile(join(target, 'model.bin'), 'utf8')).toBe(CONTENT);
});

it('whencode token rotate replaces the token, for its owner alone', async () => {
  const home = await homeAt(1, TOKEN);
  expect(await callCommand(['--home', home, 'token', 'rotate'])).toMatchObject({ code: 0 });
  const token = (await readFile(join(home, 'token'), 'utf8')).trim();
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(token).not.toBe(TOKEN);
});
