/** The Temporal dev server: one process, one SQLite file in the home folder, a dedicated namespace. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { ProcessSpec } from '../process/supervised-process.ts';
import { NAMESPACE } from './server.ts';

/**
 * Search attributes in the syntax of the server's command line; the workflows set them (src/protocol/workflow-ids.ts).
 */
export const SEARCH_ATTRIBUTES = { EmCampaign: 'Keyword', EmIteration: 'Int' } as const;

/** Retention of closed workflows. The dev server's default is a day, but a campaign's history is part of its record. */
const RETENTION_S = 3650 * 86_400;

// The server does not watch its stdin, so a shell, which then becomes the server, leaves a watcher behind. When stdin
// closes (the parent died, or stops the server) the watcher ends the server. When the server dies, stdin closes and
// ends the watcher.
const WATCHED = `exec 3<&0
( cat <&3 >/dev/null; kill -TERM $$ 2>/dev/null ) &
exec "$@" </dev/null 3<&-`;

/**
 * Closes the HTTP API, which has no authentication and takes requests of any web page: it answers only to this host name,
 * which no browser can look up. It can't be switched off.
 */
const HTTP_CLOSED = 'frontend.httpAllowedHosts=["nobody.invalid"]';

export function temporalServerProcess(options: {
  readonly temporal: string;
  readonly home: string;
  readonly port: number;
  /** Id of the payload key. Each key has a database of its own: no process can read what another key has encrypted. */
  readonly keyId: string;
  readonly logFile: string;
}): ProcessSpec {
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  return {
    name: 'temporal',
    command: '/bin/sh',
    args: [
      '-c',
      WATCHED,
      'watched',
      options.temporal,
      ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', `${options.port}`],
      ...['--db-filename', join(options.home, `temporal-${options.keyId}.db`)],
      ...['--namespace', NAMESPACE, '--log-level', 'warn', '--dynamic-config-value', HTTP_CLOSED],
      ...attributes,
    ],
    logFile: options.logFile,
  };
}

/** Waits until the server answers for our namespace, and sets its retention. @throws after the time limit */
export async function prepareNamespace(address: string, limitMs: number, signal?: AbortSignal): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      await setRetention(address);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (Date.now() > deadline)
        throw new Error(`the Temporal server on ${address} did not get ready within ${limitMs / 1000} s; see its log`, {
          cause: error,
        });
      await sleep(200, undefined, { signal });
    }
  }
}

async function setRetention(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '2s' });
  try {
    await connection.withDeadline(Date.now() + 3000, () =>
      connection.workflowService.updateNamespace({
        namespace: NAMESPACE,
        config: { workflowExecutionRetentionTtl: { seconds: RETENTION_S as never } },
      }),
    );
  } finally {
    await connection.close();
  }
}
