/** Connections to the Temporal server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { ConfigError } from '../config/config-error.ts';
import { installRuntime } from './runtime.ts';
import type { TemporalServer } from './server.ts';

export interface TemporalAccess extends TemporalServer {
  /** Encrypts payloads, see payload-codec.ts. Undefined leaves them plain, for tests: nobody forgets it by accident. */
  readonly dataConverter: DataConverter | undefined;
}

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Gets the cause of the waiting: after the quiet time, then once a minute. */
  readonly onNote?: (note: string) => void;
  /** Default: in which a server that starts together with its workers is up. */
  readonly quietMs?: number;
}

const RETRY_MS = 500;
const QUIET_MS = 15_000;
const NOTE_EVERY_MS = 60_000;

/** What both kinds of connection take. */
const optionsOf = ({ address, tls, apiKey, metadata }: TemporalServer) => ({
  address,
  ...(tls === undefined ? {} : { tls }),
  ...(apiKey === undefined ? {} : { apiKey }),
  ...(metadata === undefined ? {} : { metadata }),
});

/** Connects on the first call. */
export const connectLazily = (server: TemporalServer): Connection => Connection.lazy(optionsOf(server));

/** Connects on the first call. */
export function createClient(access: TemporalAccess): Client {
  const { namespace, dataConverter } = access;
  const converter = dataConverter === undefined ? {} : { dataConverter };
  return new Client({ connection: connectLazily(access), namespace, ...converter });
}

/**
 * Retries until the server answers. After that, the SDK reconnects by itself.
 *
 * @throws ConfigError where the server refuses the key or the certificate; the signal's reason when it aborts
 */
export async function connectNative(
  server: TemporalServer,
  { signal, onNote = () => undefined, quietMs = QUIET_MS }: WaitOptions = {},
): Promise<NativeConnection> {
  let nextNoteMs = Date.now() + quietMs;
  for (;;) {
    try {
      return await connectOnce(server);
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      if (Date.now() >= nextNoteMs) {
        onNote(`${describeNoConnection(server, error)}; it is asked again`);
        nextNoteMs = Date.now() + NOTE_EVERY_MS;
      }
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

/** @throws ConfigError where the server refuses us, any other error where it can't be reached */
export async function connectOnce(server: TemporalServer): Promise<NativeConnection> {
  installRuntime();
  try {
    return await NativeConnection.connect(optionsOf(server));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (REFUSALS.some((refusal) => refusal.test(text)))
      throw new ConfigError(
        `the Temporal server at ${server.address} lets nobody in with these credentials (${text}); ` +
          'look at TEMPORAL_API_KEY, the client certificate and TEMPORAL_NAMESPACE',
      );
    throw error;
  }
}

/** How the SDK's native part writes the codes UNAUTHENTICATED and PERMISSION_DENIED, and a handshake's refusal. */
const REFUSALS = [
  /valid authentication credentials/i,
  /does not have permission/i,
  /CertificateRequired|CertificateUnknown|BadCertificate|UnknownCA|AccessDenied|CertificateExpired|CertificateRevoked/,
];

const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/ConnectionRefused/, 'nothing listens there'],
  [/dns error/, 'its name is not known here; see TEMPORAL_ADDRESS'],
  [
    /InvalidContentType/,
    'it speaks no TLS; unset the variables TEMPORAL_TLS…, or set TEMPORAL_TLS=false beside an API key',
  ],
  [
    /UnknownIssuer|invalid peer certificate/,
    'its certificate is not trusted; see TEMPORAL_TLS_SERVER_CA_CERT_PATH and TEMPORAL_TLS_SERVER_NAME',
  ],
  [
    /h2 protocol error|BrokenPipe|connection closed|ConnectionReset|UnexpectedEof/i,
    'it hangs up; it may want TLS (TEMPORAL_TLS=true)',
  ],
];

/** What is wrong and what to look at, in one line. */
export function describeNoConnection({ address }: TemporalServer, error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const cause = CAUSES.find(([pattern]) => pattern.test(text))?.[1];
  return `the Temporal server at ${address} can't be reached: ${cause === undefined ? text : `${cause} (${text})`}`;
}
