/** Requests as a browser sends them to the pages: under their host name, which Node does not resolve. */
import { type IncomingHttpHeaders, request } from 'node:http';
import type { RunningServer } from '../../src/server/serve.ts';

export interface PageAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface PageRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the host of the pages. */
  readonly host?: string;
}

export type PageServer = Pick<RunningServer, 'port' | 'pageHost'>;

/** @param path - A path, or a link that the server printed */
export function askPage(server: PageServer, path: string, asked: PageRequest = {}): Promise<PageAnswer> {
  const { method = 'GET', headers = {}, host = server.pageHost } = asked;
  const address = path.replace(/^http:\/\/[^/]+/, '');
  return new Promise((resolve, reject) => {
    request(
      { host: '127.0.0.1', port: server.port, agent: false, method, path: address, headers: { ...headers, host } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        response.once('error', reject);
      },
    )
      .once('error', reject)
      .end();
  });
}

/** Opens a link as the button on its page does. Returns the cookie header of the session. */
export async function openSession(server: PageServer & Pick<RunningServer, 'createLink'>): Promise<string> {
  const { headers } = await askPage(server, await server.createLink(), { method: 'POST' });
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}
