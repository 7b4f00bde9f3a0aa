/** HTTP to one completions server: bounded concurrency, retries by type, and the served name checked on every answer. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SamplerCrashError, SamplerRequestError } from '../engine/errors.ts';
import { createGate } from './gate.ts';
import { type Completion, completionSchema } from './protocol.ts';

export interface CompletionsServer {
  /** e.g. `http://127.0.0.1:8000` */
  readonly url: string;
  readonly apiKey?: string;
  /** Samples that are drawn at a time; the rest waits here, not in the server's memory. Default: those of 64 requests. */
  readonly maxSequences?: number;
  /** A request waits for its turn in the server's queue as well; longer than this is a server that hangs. Default 30 minutes. */
  readonly answerLimitMs?: number;
}

export interface CompletionsClient {
  /** Refuses the answer of another model than the body names. */
  complete(body: { readonly model: string; readonly n?: number }, signal?: AbortSignal): Promise<Completion>;
  listModels(signal?: AbortSignal): Promise<ServedModel[]>;
  /** Anything else: GET without a body, POST with one. */
  ask(path: string, body?: unknown, signal?: AbortSignal): Promise<unknown>;
}

export interface ServedModel {
  readonly id: string;
  /** The server's own name, e.g. `vllm`; absent if it doesn't say. */
  readonly ownedBy?: string;
}

const DEFAULT_REQUESTS = 64;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
const ANSWER_LIMIT_MS = 30 * 60_000;
const NO_ANSWER = 0;
/** Overload and restarts pass; any other status says that the request itself is wrong. */
const isPassing = (status: number): boolean => status >= 500 || [NO_ANSWER, 408, 425, 429].includes(status);

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string(), owned_by: z.string().nullish() })) });

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Every call rejects with SamplerRequestError (the request is wrong) or SamplerCrashError (the server is). */
export function createCompletionsClient(server: CompletionsServer): CompletionsClient {
  const { maxSequences } = server;
  const enter = createGate(maxSequences ?? DEFAULT_REQUESTS);

  async function ask(path: string, body: unknown, signal?: AbortSignal, attempts = ATTEMPTS): Promise<unknown> {
    for (let attempt = 1, pauseMs = FIRST_PAUSE_MS; ; attempt += 1, pauseMs *= 2) {
      const answer = await send(server, path, body, signal).catch((error: unknown) => {
        signal?.throwIfAborted();
        return { status: NO_ANSWER, text: error instanceof Error ? error.message : String(error) };
      });
      if (answer.status === 200) return parseJson(answer.text);
      const how = answer.status === NO_ANSWER ? 'gave no answer' : `answered ${answer.status}`;
      const complaint = `${server.url}${path} ${how}: ${answer.text.slice(0, 500)}`;
      // The server has other weights than asked for: no fault of the request.
      if (answer.status === 404 || answer.status === 401 || answer.status === 403)
        throw new SamplerCrashError(complaint);
      if (!isPassing(answer.status)) throw new SamplerRequestError(complaint);
      if (attempt >= attempts) throw new SamplerCrashError(`${complaint} (attempt ${attempt} of ${attempts})`);
      await sleep(pauseMs, undefined, { signal });
    }
  }

  return {
    complete: (body, signal) =>
      enter(maxSequences === undefined ? 1 : (body.n ?? 1), signal, async () => {
        const parsed = completionSchema.safeParse(await ask('/v1/completions', body, signal));
        if (!parsed.success)
          throw new SamplerCrashError(`${server.url} answers in an unknown form: ${z.prettifyError(parsed.error)}`);
        if (parsed.data.model !== body.model)
          throw new SamplerCrashError(`${server.url} answered for "${parsed.data.model}", asked was ${body.model}`);
        return parsed.data;
      }),
    async listModels(signal) {
      // The first thing that is asked: a server that isn't there is said at once.
      const answer = await ask('/v1/models', undefined, signal, 1);
      const parsed = modelsSchema.safeParse(answer);
      if (!parsed.success) throw new SamplerCrashError(`${server.url}/v1/models is not a list of models`);
      return parsed.data.data.map(({ id, owned_by: ownedBy }) => ({ id, ...(ownedBy == null ? {} : { ownedBy }) }));
    },
    ask: (path, body, signal) => ask(path, body, signal),
  };
}

/** Not `fetch`: it gives a request up whose answer takes more than five minutes to begin. */
function send(server: CompletionsServer, path: string, body: unknown, signal?: AbortSignal): Promise<Answer> {
  const url = new URL(path, server.url);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const timeout = server.answerLimitMs ?? ANSWER_LIMIT_MS;
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
        timeout,
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
    call.once('timeout', () => call.destroy(new Error(`nothing for ${timeout / 1000} s`)));
    call.once('error', reject);
    call.end(text);
  });
}

/** Some commands are answered with nothing but their status. */
function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new SamplerCrashError(
      `the completions server answered with something that is not JSON: ${text.slice(0, 200)}`,
    );
  }
}
