import { describe, expect, it } from 'vitest';
import { fetchWithin } from '../../../src/datasets/fetch-within.ts';

/** Answers by address: a redirect, or the content. Keeps the addresses that were asked for. */
function serve(redirects: Readonly<Record<string, string>>): { request: typeof fetch; asked: string[] } {
  const asked: string[] = [];
  const request: typeof fetch = (input, init) => {
    const url = String(input);
    asked.push(url);
    expect(init?.redirect).toBe('manual');
    const location = redirects[url];
    return Promise.resolve(location === undefined ? new Response('content') : Response.redirect(location, 302));
  };
  return { request, asked };
}

const START = 'https://huggingface.co/datasets/x';

describe('a download that is redirected', () => {
  it.each([
    'https://huggingface.co/elsewhere',
    'https://cdn-lfs-us-1.hf.co/a',
    'https://cas-bridge.xethub.hf.co/a',
    'https://objects.githubusercontent.com/a',
  ])('follows to %s', async (next) => {
    const { request, asked } = serve({ [START]: next });
    expect(await (await fetchWithin(request, START)).text()).toBe('content');
    expect(asked).toEqual([START, next]);
  });

  it.each([
    'http://huggingface.co/a',
    'https://evil.example/a',
    'https://huggingface.co.evil.example/a',
    'https://evilhf.co/a',
    'http://169.254.169.254/latest/meta-data',
    'http://127.0.0.1:7420/api/campaigns',
    'https://hf.co:8443/a',
    'https://user@evil.example/a',
    'ftp://hf.co/a',
  ])('asks nothing of %s', async (next) => {
    const { request, asked } = serve({ [START]: next });
    await expect(fetchWithin(request, START)).rejects.toThrow(/the server sends the download to/);
    expect(asked).toEqual([START]);
  });

  it('ends a circle', async () => {
    const { request } = serve({ [START]: START });
    await expect(fetchWithin(request, START)).rejects.toThrow(/more than 5 times/);
  });

  it('stays on a host of a test or a mirror', async () => {
    const { request } = serve({ 'http://127.0.0.1:1234/a': 'http://127.0.0.1:1234/b' });
    expect((await fetchWithin(request, 'http://127.0.0.1:1234/a')).status).toBe(200);
    const other = serve({ 'http://127.0.0.1:1234/a': 'http://127.0.0.1:9999/b' });
    await expect(fetchWithin(other.request, 'http://127.0.0.1:1234/a')).rejects.toThrow(/127\.0\.0\.1:9999/);
  });
});
