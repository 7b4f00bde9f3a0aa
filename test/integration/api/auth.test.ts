import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { rotateToken } from '../../../src/process/control-address.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';
import { askPage, openSession } from '../../support/page-requests.ts';

const HOUR_MS = 3_600_000;

let http: TestHttp;
/** The server's clock is ahead by this much. */
let aheadMs = 0;
beforeAll(async () => {
  http = await openTestHttp({ nowMs: () => Date.now() + aheadMs });
});
afterEach(() => {
  aheadMs = 0;
});
afterAll(() => http.close());

const api = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${http.url}${path}`, { method, headers, redirect: 'manual' });

const page = async (cookie: string, path = '/') => (await askPage(http, path, { headers: { cookie } })).status;

it('answers 401 with a message that helps, without a token, with a wrong one and with a made-up cookie', async () => {
  for (const headers of [
    {},
    { authorization: 'Bearer 00' },
    { authorization: `Whencode ${'0'.repeat(64)}` },
    { cookie: 'whencode_session=aa.bb' },
  ]) {
    for (const path of ['/api/campaigns', '/events', '/', '/api/nothing-here']) {
      const response = await api(path, headers);
      expect(response.status, path).toBe(401);
      expect(await response.json()).toMatchObject({
        error: { code: 'unauthorized', message: expect.stringContaining('token') },
      });
    }
  }
});

it('lets the token in, which only its owner can read', async () => {
  const response = await api('/api/campaigns', { authorization: `Bearer ${http.token}` });
  expect([response.status, await response.json()]).toEqual([200, { campaigns: [] }]);
  expect((await stat(join(http.home, 'token'))).mode & 0o777).toBe(0o600);
  expect((await readFile(join(http.home, 'token'), 'utf8')).trim()).toBe(http.token);
});

it('opens the page by a link once, with a cookie that scripts cannot read', async () => {
  const link = await http.createLink();
  const first = await askPage(http, link, { method: 'POST' });
  expect([first.status, first.headers.location]).toEqual([303, '/']);
  const cookie = first.headers['set-cookie']?.[0] ?? '';
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Lax/);
  expect(cookie).not.toMatch(/Domain/);
  expect((await askPage(http, link, { method: 'POST' })).status).toBe(401);
  expect((await askPage(http, link)).status).toBe(401);
  expect(await page(cookie.split(';')[0] ?? '')).toBe(200);
});

it('keeps a link that is only looked at: GET shows a button, HEAD nothing', async () => {
  const link = await http.createLink();
  for (const method of ['HEAD', 'GET', 'HEAD']) {
    const looked = await askPage(http, link, { method });
    expect([looked.status, looked.headers['set-cookie']]).toEqual([200, undefined]);
    expect(looked.text.includes('<button')).toBe(method === 'GET');
  }
  expect((await askPage(http, link, { method: 'POST' })).status).toBe(303);
});

it('lets one of two that redeem a link at once in', async () => {
  const link = await http.createLink();
  const both = await Promise.all([1, 2].map(() => askPage(http, link, { method: 'POST' })));
  expect(both.map(({ status }) => status).sort()).toEqual([303, 401]);
});

it('takes links and cookies under the host name of the pages alone', async () => {
  const link = await http.createLink();
  const other = { host: `127.0.0.1:${http.port}` };
  expect((await askPage(http, link, { ...other, method: 'POST' })).status).toBe(403);
  const cookie = await openSession(http);
  expect((await askPage(http, '/', { ...other, headers: { cookie } })).status).toBe(401);
  expect(await page(cookie)).toBe(200);
});

it('refuses a host name that it does not serve, whoever asks, and does not say which it serves', async () => {
  const statusOf = async (host: string) =>
    (await askPage(http, '/api/campaigns', { host, headers: { authorization: `Bearer ${http.token}` } })).status;
  expect(await statusOf(`127.0.0.1:${http.port}`)).toBe(200);
  expect(await statusOf(`localhost:${http.port}`)).toBe(200);
  expect(await statusOf(http.pageHost)).toBe(200);
  expect(await statusOf(`evil.example:${http.port}`)).toBe(403);
  expect(await statusOf(`whencode-0123456789abcdef01234567.localhost:${http.port}`)).toBe(403);
  expect(await statusOf('127.0.0.1:1')).toBe(403);
  const [name = ''] = http.pageHost.split(':');
  for (const path of ['/', '/health', '/open/x', '/assets/page.css', `/proof/${'0'.repeat(64)}`])
    for (const host of [`127.0.0.1:${http.port}`, 'evil.example'])
      expect((await askPage(http, path, { host })).text).not.toContain(name);
});

it('takes changes by cookie only from its own pages', async () => {
  const cookie = await openSession(http);
  const change = async (headers: Record<string, string>) =>
    (await askPage(http, '/api/links', { method: 'POST', headers: { cookie, ...headers } })).status;
  expect(await change({})).toBe(403);
  expect(await change({ origin: 'http://evil.example' })).toBe(403);
  expect(await change({ origin: http.url })).toBe(403);
  expect(await change({ origin: `http://${http.pageHost}` })).toBe(201);
});

it('ends a session when the reader signs out', async () => {
  const [mine, another] = [await openSession(http), await openSession(http)];
  const headers = { cookie: mine, origin: `http://${http.pageHost}` };
  expect((await askPage(http, '/logout', { method: 'POST', headers: { cookie: mine } })).status).toBe(403);
  expect((await askPage(http, '/', { headers })).text).toContain('action="/logout"');
  const signedOut = await askPage(http, '/logout', { method: 'POST', headers });
  expect([signedOut.status, signedOut.headers['set-cookie']?.[0]]).toEqual([
    200,
    expect.stringMatching(/^whencode_session=; Max-Age=0/),
  ]);
  expect([await page(mine), await page(another)]).toEqual([401, 200]);
});

it('ends a session that was not used for a day, and any after a week', async () => {
  const [used, idle] = [await openSession(http), await openSession(http)];
  aheadMs = 23 * HOUR_MS;
  expect(await page(used)).toBe(200);
  aheadMs = 25 * HOUR_MS;
  expect([await page(used), await page(idle)]).toEqual([200, 401]);
  for (let hour = 45; hour < 7 * 24; hour += 20) {
    aheadMs = hour * HOUR_MS;
    expect(await page(used)).toBe(200);
  }
  aheadMs = 7 * 24 * HOUR_MS;
  expect(await page(used)).toBe(401);
});

it('lets a link open no page after ten minutes', async () => {
  const link = await http.createLink();
  aheadMs = HOUR_MS / 6;
  expect((await askPage(http, link, { method: 'POST' })).status).toBe(401);
});

it('allows nothing but its own files on a page', async () => {
  const { headers } = await askPage(http, '/', { headers: { cookie: await openSession(http) } });
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
});

it('lets nobody keep a page or an answer', async () => {
  const cookie = await openSession(http);
  for (const path of [
    '/',
    '/compare',
    '/health',
    '/open/x',
    '/nothing',
    '/api/campaigns',
    '/api/nothing',
    '/page-events',
  ])
    for (const headers of [{ cookie }, { cookie: '' }]) {
      const method = path === '/page-events' ? 'HEAD' : 'GET';
      const answer = await askPage(http, path, { method, headers });
      expect(answer.headers['cache-control'], path).toBe('no-store');
    }
  const refused = await askPage(http, '/', { host: 'evil.example' });
  expect([refused.status, refused.headers['cache-control']]).toEqual([403, 'no-store']);
});

it('says how it is without a token, and no more than that', async () => {
  const response = await api('/health');
  expect(await response.json()).toEqual({ status: 'degraded', orchestrator: 'unreachable' });
});

it('a new token ends links and sessions, shuts the old one out, and running programs take it up', async () => {
  const cookie = await openSession(http);
  const link = await http.createLink();
  expect(await http.client.listCampaigns()).toEqual([]);
  await rotateToken(http.home);
  expect(await page(cookie)).toBe(401);
  expect((await askPage(http, link, { method: 'POST' })).status).toBe(401);
  expect((await api('/api/campaigns', { authorization: `Bearer ${http.token}` })).status).toBe(401);
  expect(await http.client.listCampaigns()).toEqual([]);
  expect(await page(await openSession(http))).toBe(200);
});
