/** HTTP to one completions server: bounded concurrency, retries by type, and the served name checked on every answer. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SamplerCrashError, SamplerRequestError } from '../engine/errors.ts';
import { type Completion, completionSchema } from './protocol.ts';

export interface CompletionsServer {
  /** e.g. `http://127.0.0.1:8000` */
  readonly url: string;
  /** What the server calls the model: the checkpoint's digest, so that an answer of other weights is noticed. */
  readonly servedName: string;
  readonly apiKey?: string;
  /** HTTP requests at a time; the rest waits here, not in the server's memory. Default 64. */
  readonly maxConcurrentRequests?: number;
}

export interface CompletionsClient {
  readonly servedName: string;
  complete(body: unknown, signal?: AbortSignal): Promise<Completion>;
  listModels(signal?: AbortSignal): Promise<string[]>;
}

const DEFAULT_CONCURRENCY = 64;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
/** A request waits for its turn in the server's queue as well; longer than this is a server that hangs. */
const ANSWER_LIMIT_MS = 30 * 60_000;
/** Overload and restarts pass; any other status says that the request itself is wrong. */
const PASSING_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Every call rejects with SamplerRequestError (the request is wrong) or SamplerCrashError (the server is). */
export function createCompletionsClient(server: CompletionsServer): CompletionsClient {
  const { servedName } = server;
  const enter = createGate(server.maxConcurrentRequests ?? DEFAULT_CONCURRENCY);

  async function ask(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    for (let attempt = 1, pauseMs = FIRST_PAUSE_MS; ; attempt += 1, pauseMs *= 2) {
      const answer = await send(server, path, body, signal).catch((error: unknown) => {
        signal?.throwIfAborted();
        return { status: 503, text: error instanceof Error ? error.message : String(error) };
      });
      if (answer.status === 200) return parseJson(answer.text);
      const complaint = `${server.url}${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`;
      // The server has other weights than asked for: no fault of the request.
      if (answer.status === 404 || answer.status === 401 || answer.status === 403)
        throw new SamplerCrashError(complaint);
      if (!PASSING_STATUS.has(answer.status)) throw new SamplerRequestError(complaint);
      if (attempt >= ATTEMPTS) throw new SamplerCrashError(`${complaint} (attempt ${attempt} of ${ATTEMPTS})`);
      await sleep(pauseMs, undefined, { signal });
    }
  }

  return {
    servedName,
    complete: (body, signal) =>
      enter(signal, async () => {
        const parsed = completionSchema.safeParse(await ask('/v1/completions', body, signal));
        if (!parsed.success)
          throw new SamplerCrashError(`${server.url} answers in an unknown form: ${z.prettifyError(parsed.error)}`);
        if (parsed.data.model !== servedName)
          throw new SamplerCrashError(`${server.url} answered for "${parsed.data.model}", asked was ${servedName}`);
        return parsed.data;
      }),
    async listModels(signal) {
      const answer = await ask('/v1/models', undefined, signal);
      const parsed = z.object({ data: z.array(z.object({ id: z.string() })) }).safeParse(answer);
      if (!parsed.success) throw new SamplerCrashError(`${server.url}/v1/models is not a list of models`);
      return parsed.data.data.map(({ id }) => id);
    },
  };
}

/** Lets at most `limit` in at a time, first come first served; an aborted signal leaves the queue. */
function createGate(limit: number) {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> => {
    signal?.throwIfAborted();
    if (inside >= limit) await new Promise<void>((admit) => waiting.push(admit));
    else inside += 1;
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) inside -= 1;
      else next();
    }
  };
}

/** Not `fetch`: it gives a request up whose answer takes more than five minutes to begin. */
function send(server: CompletionsServer, path: string, body: unknown, signal?: AbortSignal): Promise<Answer> {
  const url = new URL(path, server.url);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        method: text === undefined ? 'GET' : 'POST',
        headers: {
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...(server.apiKey === undefined ? {} : { authorization: `Bearer ${server.apiKey}` }),
        },
        timeout: ANSWER_LIMIT_MS,
        ...(signal === undefined ? {} : { signal }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    call.once('timeout', () => call.destroy(new Error(`no answer within ${ANSWER_LIMIT_MS / 60_000} minutes`)));
    call.once('error', reject);
    call.end(text);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SamplerCrashError(
      `the completions server answered with something that is not JSON: ${text.slice(0, 200)}`,
    );
  }
}
