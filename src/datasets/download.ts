/** Downloads one file with resume: received bytes stay in a `.part` file, and the next attempt requests the rest. */
import { createWriteStream } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fetchWithin, RedirectError } from './fetch-within.ts';

export interface DownloadOptions {
  readonly fetch?: typeof fetch;
  readonly signal?: AbortSignal;
  /** Called with the bytes on disk so far, and the total size if the server sends it. */
  readonly onProgress?: (receivedBytes: number, totalBytes: number | undefined) => void;
  /** Consecutive failed attempts after which the download fails; each attempt resumes. Default 5. */
  readonly attempts?: number;
  /** Wait before the second attempt; it doubles with each attempt. Default 500. */
  readonly retryDelayMs?: number;
}

/** A download failed. The received bytes are kept for the next call. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
}

/** Downloads the file at `url` to `partPath`. @throws DownloadError, or the signal's reason */
export async function downloadTo(url: string, partPath: string, options: DownloadOptions = {}): Promise<void> {
  const attempts = options.attempts ?? 5;
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryOnce(url, partPath, options);
    if (outcome.kind === 'done') return;
    if (outcome.kind === 'refused' || attempt === attempts) {
      const tries = attempt === 1 ? '' : ` after ${attempt} tries`;
      throw new DownloadError(`${url}: ${outcome.reason}${tries}`);
    }
    await delay((options.retryDelayMs ?? 500) * 2 ** (attempt - 1), options.signal);
  }
}

type Outcome = { readonly kind: 'done' } | { readonly kind: 'broken' | 'refused'; readonly reason: string };

async function tryOnce(url: string, partPath: string, options: DownloadOptions): Promise<Outcome> {
  const { signal, onProgress } = options;
  const etagPath = `${partPath}.etag`;
  const have = await sizeOf(partPath);
  const etag = await readFile(etagPath, 'utf8').catch(() => undefined);
  // Without a strong ETag the rest may belong to another version of the file, so the download restarts.
  const from = etag === undefined ? 0 : have;
  let response: Response;
  try {
    response = await fetchWithin(options.fetch ?? fetch, url, {
      // Ranges count uncompressed bytes, so compression is disabled.
      headers: {
        'accept-encoding': 'identity',
        ...(from > 0 && etag ? { range: `bytes=${from}-`, 'if-range': etag } : {}),
      },
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RedirectError) return { kind: 'refused', reason: error.message };
    return { kind: 'broken', reason: `no connection (${rootCause(error)})` };
  }
  if (response.status === 416) {
    // The part is as long as the file or longer. The server does not say which, so the download restarts.
    await response.body?.cancel();
    await rm(partPath, { force: true });
    await rm(etagPath, { force: true });
    return { kind: 'broken', reason: 'the server refused the range' };
  }
  if (response.status !== 200 && response.status !== 206) {
    await response.body?.cancel();
    const again = response.status === 408 || response.status === 429 || response.status >= 500;
    return { kind: again ? 'broken' : 'refused', reason: `the server answered ${response.status}` };
  }
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  if (response.status === 206 && Number(range?.[1]) !== from) {
    await response.body?.cancel();
    await rm(etagPath, { force: true });
    return { kind: 'broken', reason: 'the server sent another range than was asked for' };
  }
  const start = response.status === 206 ? from : 0;
  const newEtag = response.headers.get('etag');
  if (newEtag === null || newEtag.startsWith('W/')) await rm(etagPath, { force: true });
  else await writeFile(etagPath, newEtag);
  const length = response.headers.get('content-length');
  const total = range !== null ? Number(range[2]) : length === null ? undefined : start + Number(length);
  return await receive(response, partPath, { start, total, onProgress, signal, etagPath });
}

interface Receiving {
  readonly onProgress: DownloadOptions['onProgress'] | undefined;
  readonly signal: AbortSignal | undefined;
  readonly start: number;
  readonly total: number | undefined;
  readonly etagPath: string;
}

async function receive(response: Response, partPath: string, receiving: Receiving): Promise<Outcome> {
  const { start, total, onProgress, signal, etagPath } = receiving;
  let received = start;
  onProgress?.(received, total);
  try {
    await pipeline(
      response.body === null ? Readable.from([]) : Readable.fromWeb(response.body),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          received += chunk.byteLength;
          onProgress?.(received, total);
          yield chunk;
        }
      },
      createWriteStream(partPath, { flags: start > 0 ? 'a' : 'w' }),
    );
  } catch (error) {
    signal?.throwIfAborted();
    return { kind: 'broken', reason: `the connection broke at byte ${received} (${rootCause(error)})` };
  }
  if (total !== undefined && received !== total) {
    return { kind: 'broken', reason: `${received} of ${total} bytes came` };
  }
  await rm(etagPath, { force: true });
  return { kind: 'done' };
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    (status) => status.size,
    () => 0,
  );
}

async function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function rootCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
