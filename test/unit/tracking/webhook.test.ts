import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config-error.ts';
import { isRefusedAddress, postWebhook } from '../../../src/tracking/webhook.ts';

const SECRET = 'T0/B1/sEcReT';
const body = { campaign: 'math', status: 'blocked', reason: 'why', at: '2026-01-01T00:00:00.000Z' } as const;

let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const received: string[] = [];
const post = (url: string) => postWebhook({ url, body }, new AbortController().signal);
const at = (path = SECRET, host = '127.0.0.1') => `http://${host}:${(server.address() as AddressInfo).port}/${path}`;

beforeEach(async () => {
  received.length = 0;
  answer = (_request, response) => void response.writeHead(204).end();
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      received.push(`${request.method} ${request.url} ${text}`);
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
});
afterEach(() => void server.close());

describe('the webhook', () => {
  it('receives the message; a machine of one’s own may listen', async () => {
    await post(at());
    await post(at(SECRET, 'localhost'));
    expect(received).toEqual(Array(2).fill(`POST /${SECRET} ${JSON.stringify(body)}`));
  });

  it.each([301, 302, 303, 307, 308])('is not asked elsewhere by a redirect (%s)', async (status) => {
    answer = (_request, response) => void response.writeHead(status, { location: at('elsewhere') }).end();
    await expect(post(at())).rejects.toThrow(new RegExp(`^the webhook at 127\\.0\\.0\\.1:\\d+ answered ${status}$`));
    expect(received).toHaveLength(1);
  });

  it('fails with its host and nothing else of its URL', async () => {
    answer = (_request, response) => void response.writeHead(500, SECRET).end(SECRET);
    const withPassword = at().replace('http://', 'http://user:pAsSwOrD@');
    const port = (server.address() as AddressInfo).port;
    const errors = [await post(withPassword).catch((error: Error) => error)];
    answer = (request) => void request.socket.destroy();
    errors.push(await post(withPassword).catch((error: Error) => error));
    errors.push(await post(`http://nobody.invalid/${SECRET}`).catch((error: Error) => error));
    expect(errors.map((error) => (error as Error).message)).toEqual([
      `the webhook at 127.0.0.1:${port} answered 500`,
      `the webhook at 127.0.0.1:${port} can't be reached (ECONNRESET)`,
      expect.stringMatching(/^the webhook at nobody\.invalid can't be reached \(\w+\)$/),
    ]);
    for (const error of errors)
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/sEcReT|pAsS/);
  });

  it('ends at once with an answer that never ends', async () => {
    answer = (_request, response) => {
      response.writeHead(200);
      response.write('x'.repeat(100_000));
    };
    await post(at());
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://[::ffff:169.254.169.254]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/',
    'http://168.63.129.16/',
    'http://0.0.0.0:80/',
    'http://[::]/',
    'https://224.0.0.1/',
    'http://255.255.255.255/',
  ])('is never at %s', async (url) => {
    const error = await post(url).catch((refused: unknown) => refused);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ message: expect.stringMatching(/none of these is called$/) });
  });

  it('refuses every link-local address, in both notations, and no private or public one', () => {
    const byte = fc.nat(255);
    fc.assert(
      fc.property(byte, byte, (c, d) => {
        expect(isRefusedAddress(`169.254.${c}.${d}`)).toBe(true);
        expect(isRefusedAddress(`::ffff:169.254.${c}.${d}`)).toBe(true);
        for (const network of ['127.0', '10.1', '192.168', '172.16', '93.184'])
          expect(isRefusedAddress(`${network}.${c}.${d}`)).toBe(false);
      }),
    );
    expect(['::1', 'fd12::1', '2606:2800::1'].map(isRefusedAddress)).toEqual([false, false, false]);
  });
});
