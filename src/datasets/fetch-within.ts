/** Requests that follow redirects only to the hosts that publishers of data sets serve their files from. */

/** A server sends the request to another place than a download may come from. */
export class RedirectError extends Error {
  override readonly name = 'RedirectError';
}

/** With their subdomains. */
const HOSTS = ['githubusercontent.com', 'github.com', 'huggingface.co', 'hf.co'];
const MAX_REDIRECTS = 5;

/**
 * @param init without `redirect`
 * @throws RedirectError, or what `request` throws
 * @example const response = await fetchWithin(fetch, 'https://huggingface.co/…');
 */
export async function fetchWithin(request: typeof fetch, url: string, init: RequestInit = {}): Promise<Response> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await request(at, { ...init, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, at);
    const isKnown = HOSTS.some((host) => next.hostname === host || next.hostname.endsWith(`.${host}`));
    if (next.host !== at.host && !(isKnown && next.protocol === 'https:' && next.port === ''))
      throw new RedirectError(
        `the server sends the download to ${next.protocol}//${next.host}; allowed are the same host and https on ${HOSTS.join(', ')}`,
      );
    if (at.protocol === 'https:' && next.protocol !== 'https:')
      throw new RedirectError(`the server sends the download to ${next.protocol}//${next.host}, without encryption`);
    at = next;
  }
  throw new RedirectError(`the server sent the download on more than ${MAX_REDIRECTS} times`);
}
