/** Connections to Temporal that wait until the server is up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { NAMESPACE } from './temporal-server.ts';

const RETRY_MS = 500;

/** Retries until the server answers or the signal aborts. After that, the SDK reconnects by itself. */
export async function connectNative(address: string, signal: AbortSignal): Promise<NativeConnection> {
  for (;;) {
    try {
      return await NativeConnection.connect({ address });
    } catch {
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

export interface TemporalAccess {
  /** e.g. `127.0.0.1:7233` */
  readonly address: string;
  /** Encrypts payloads, see payload-codec.ts. Undefined leaves them plain, for tests: nobody forgets it by accident. */
  readonly dataConverter: DataConverter | undefined;
}

/** Connects on the first call. */
export function createClient({ address, dataConverter }: TemporalAccess): Client {
  const converter = dataConverter === undefined ? {} : { dataConverter };
  return new Client({ connection: Connection.lazy({ address }), namespace: NAMESPACE, ...converter });
}
