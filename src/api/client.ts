/** The typed client of the control process, for the CLI, the demo and tests. It loads no code of the server. */
import { hc } from 'hono/client';
import { errorCode } from '../formats/error-code.ts';
import { readControlAddress, readToken } from '../process/control-address.ts';
import type { Api } from './api.ts';
import { ClientError } from './client-error.ts';
import type { ErrorBody } from './errors.ts';
import { meetServer, type ServerAccess } from './meet-server.ts';

const UNAUTHORIZED = 401;

/** Whether nothing listens; else something took the connection and closed it. */
const isRefused = (error: unknown): boolean => error instanceof Error && errorCode(error.cause) === 'ECONNREFUSED';

export type Client = ReturnType<typeof createClient>;
export type ApiClient = Client['api'];

/** @throws ClientError `unreachable` when no control process has been started in the home folder */
export async function connectToHome(home: string): Promise<Client> {
  const address = await readControlAddress(home);
  if (address !== undefined) return createClient({ url: address.url, token: () => readToken(home) });
  throw new ClientError('unreachable', `nothing runs in ${home}; start it with \`whencode up\``);
}

/**
 * The routes of the API as functions. Before each request the server proves that it knows the token.
 *
 * @throws ClientError from every call that the server answers with an error or does not answer
 * @example
 * const { api } = createClient({ url: 'http://127.0.0.1:7420', token });
 * const { campaigns } = await ask(api.campaigns.$get());
 * await ask(api.campaigns[':id'].stop.$post({ param: inPath({ id: 'math' }), json: { when: 'now' } }));
 */
export function createClient(access: ServerAccess) {
  const { url } = access;
  const fetchOk = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const headers = new Headers(init?.headers);
    const send = async (): Promise<Response> => {
      headers.set('authorization', await meetServer(access, init?.signal));
      return fetch(input, { ...init, headers, redirect: 'error' });
    };
    let response: Response;
    try {
      response = await send();
      // The server started again between its proof and the request, or the token is new: nothing was done.
      if (response.status === UNAUTHORIZED) response = await send();
    } catch (error) {
      if (error instanceof ClientError || init?.signal?.aborted === true) throw error;
      throw new ClientError(
        'unreachable',
        isRefused(error)
          ? `nothing answers at ${url}; start it with \`whencode up\``
          : `the control process at ${url} does not answer; it is starting or busy: ask again, or see logs/control.log in the home folder`,
      );
    }
    if (response.ok) return response;
    const body = (await response.json().catch(() => undefined)) as ErrorBody | undefined;
    throw new ClientError(
      body?.error.code ?? 'internal',
      body?.error.message ?? `the server answered ${response.status}`,
    );
  };
  return {
    url,
    api: hc<Api>(`${url}/api`, { fetch: fetchOk }),
    /** Whether the control process and the orchestrator answer. */
    isHealthy: async (): Promise<boolean> => {
      const { status } = (await (await fetchOk(`${url}/health`)).json()) as { readonly status: string };
      return status === 'ok';
    },
    /** Ids of campaigns that changed, until the signal aborts or the server ends the connection. */
    watch: (signal: AbortSignal, campaign?: string): AsyncGenerator<string> => {
      const query = campaign === undefined ? '' : `?campaign=${encodeURIComponent(campaign)}`;
      return readChanges(() => fetchOk(`${url}/events${query}`, { signal }));
    },
  };
}

/** The value of a response. @example const { campaigns } = await ask(api.campaigns.$get()); */
export { parseResponse as ask } from 'hono/client';

/**
 * Encodes the parameters of a path, since `hc` inserts them into the address without encoding.
 *
 * @throws ClientError `bad-request` for an empty parameter, which would change the route
 */
export function inPath<P extends Readonly<Record<string, string | number>>>(values: P): { [Name in keyof P]: string } {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (value === '') throw new ClientError('bad-request', `the ${name} is empty; give one`);
      return [name, encodeURIComponent(value)];
    }),
  ) as { [Name in keyof P]: string };
}

async function* readChanges(connect: () => Promise<Response>): AsyncGenerator<string> {
  const { body } = await connect();
  if (body === null) return;
  let pending = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    pending += chunk;
    const messages = pending.split('\n\n');
    pending = messages.pop() ?? '';
    for (const message of messages) {
      const data = /^event: campaign\ndata: (.*)$/m.exec(message)?.[1];
      if (data !== undefined) yield (JSON.parse(data) as { id: string }).id;
    }
  }
}
