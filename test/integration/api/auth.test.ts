import { readFile, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHttp } from '../../../src/server/start-http.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await openTestHttp();
});
afterAll(() => http.close());

const api = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${http.url}${path}`, { method, headers, redirect: 'manual' });

async function openSession(): Promise<string> {
  const opened = await fetch(http.createLink(), { redirect: 'manual' });
  return opened.headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** `fetch` sets the host header itself, so a foreign name is sent by hand. */
function statusForHost(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host, authorization: `Bearer ${http.token}` };
    request({ host: '127.0.0.1', port: http.port, path: '/api/campaigns', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

it('answers 401 with a message that helps, without a token, with a wrong one and with a made-up cookie', async () => {
  for (const headers of [{}, { authorization: 'Bearer 00' }, { cookie: 'whencode_session=aa.bb' }]) {
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
  const link = http.createLink();
  const first = await fetch(link, { redirect: 'manual' });
  expect([first.status, first.headers.get('location')]).toEqual([302, '/']);
  const cookie = first.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Lax/);
  expect((await fetch(link, { redirect: 'manual' })).status).toBe(401);
  expect((await api('/', { cookie: cookie.split(';')[0] ?? '' })).status).toBe(200);
});

it('refuses a host name that it does not serve, whoever asks', async () => {
  expect(await statusForHost(`127.0.0.1:${http.port}`)).toBe(200);
  expect(await statusForHost(`localhost:${http.port}`)).toBe(200);
  expect(await statusForHost(`evil.example:${http.port}`)).toBe(403);
  expect(await statusForHost('127.0.0.1:1')).toBe(403);
});

it('takes changes by cookie only from its own pages', async () => {
  const cookie = await openSession();
  expect((await api('/api/links', { cookie }, 'POST')).status).toBe(403);
  expect((await api('/api/links', { cookie, origin: 'http://evil.example' }, 'POST')).status).toBe(403);
  expect((await api('/api/links', { cookie, origin: http.url }, 'POST')).status).toBe(201);
});

it('allows nothing but its own files on a page', async () => {
  const response = await api('/', { cookie: await openSession() });
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
});

it('refuses to listen on other addresses unless told to', async () => {
  const start = startHttp({ ...http, port: 0, host: '0.0.0.0', log: console.error });
  await expect(start).rejects.toThrow('loopback only');
});

it('says how it is without a token, and no more than that', async () => {
  const response = await api('/health');
  expect(await response.json()).toEqual({ status: 'degraded', orchestrator: 'unreachable' });
});
