/** A server that starts again behind a port that its supervisor holds: who gets the port, and what becomes of sessions. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createClient } from '../../../src/api/client.ts';
import type { CampaignDeps } from '../../../src/campaigns/deps.ts';
import { readOrCreateToken, readToken, rotateToken } from '../../../src/process/control-address.ts';
import { type HeldPort, holdPort } from '../../../src/process/held-port.ts';
import { freePort } from '../../../src/process/port.ts';
import { type RunningServer, serveApp } from '../../../src/server/serve.ts';
import { endSessions, openSessionFile } from '../../../src/server/session-file.ts';
import { askPage, openSession } from '../../support/page-requests.ts';

let home: string;
let port: number;
let held: HeldPort;
let server: RunningServer;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'held-port-'));
  await readOrCreateToken(home);
  port = await freePort(undefined);
  held = await holdPort(port, home);
  server = await serve();
});
afterEach(async () => {
  await server.close();
  await held.close();
  await rm(home, { recursive: true, force: true });
});

/** The real server. Nothing is asked of it that needs campaigns. */
const serve = async (): Promise<RunningServer> =>
  serveApp({} as CampaignDeps, {
    port,
    socketPath: held.socketPath,
    sessions: await openSessionFile(home),
    readToken: () => readToken(home),
    log: console.error,
  });
async function restart(): Promise<void> {
  await server.close();
  server = await serve();
}
/** 404 with access, 401 without: nothing that needs a campaign is asked. */
const statusOf = async (cookie: string) => (await askPage(server, '/nothing', { headers: { cookie } })).status;

it('a session outlives the server, and its file holds no cookie and is its owner’s alone', async () => {
  const cookie = await openSession(server);
  expect(await statusOf(cookie)).toBe(404);
  const { pageHost } = server;
  await restart();
  expect([await statusOf(cookie), server.pageHost]).toEqual([404, pageHost]);
  const path = join(home, 'sessions.json');
  expect(await readFile(path, 'utf8')).not.toContain(cookie.split('=')[1]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it('a session that was ended stays so: by sign-out, by a new token, and by a new supervisor', async () => {
  const signedOut = await openSession(server);
  const headers = { cookie: signedOut, origin: `http://${server.pageHost}` };
  expect((await askPage(server, '/logout', { method: 'POST', headers })).status).toBe(200);
  await restart();
  expect(await statusOf(signedOut)).toBe(401);
  const beforeToken = await openSession(server);
  await rotateToken(home);
  await restart();
  expect(await statusOf(beforeToken)).toBe(401);
  const beforeSupervisor = await openSession(server);
  const { pageHost } = server;
  await server.close();
  await endSessions(home);
  server = await serve();
  expect(await statusOf(beforeSupervisor)).toBe(401);
  expect(server.pageHost).not.toBe(pageHost);
});

it.each(['127.0.0.1', '::1'])('no other program can listen on %s while the server is away', async (host) => {
  await server.close();
  const squatter = createServer();
  const taken = new Promise((resolve) => squatter.once('error', resolve));
  squatter.listen({ host, port });
  expect(await taken).toMatchObject({ code: 'EADDRINUSE' });
  server = await serve();
});

it('a request waits for the server that starts again', async () => {
  const token = (await readToken(home)) ?? '';
  const { api } = createClient({ url: server.url, token });
  await server.close();
  const answer = api.links.$post();
  server = await serve();
  expect((await answer).status).toBe(201);
});

it('a damaged file of sessions lets nobody in and stops nothing', async () => {
  const cookie = await openSession(server);
  await server.close();
  for (const text of ['', '{', '[]', '{"pageName":"localhost","sessions":[]}']) {
    await writeFile(join(home, 'sessions.json'), text);
    server = await serve();
    expect(server.pageHost).toMatch(/^whencode-[0-9a-f]{24}\.localhost:/);
    expect(await statusOf(cookie)).toBe(401);
    await server.close();
  }
  server = await serve();
});

it('a home folder with a long name has its socket elsewhere, in a folder of its owner', async () => {
  const long = join(home, 'x'.repeat(120));
  await mkdir(long);
  const other = await holdPort(await freePort(undefined), long);
  expect(other.socketPath.length).toBeLessThan(104);
  const folder = join(other.socketPath, '..');
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await other.close();
  await expect(stat(folder)).rejects.toThrow('ENOENT');
});
