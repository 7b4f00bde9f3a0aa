/** Connections to Temporal that wait until the server is up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
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

/** Connects on the first call. */
export function createClient(address: string): Client {
  return new Client({ connection: Connection.lazy({ address }), namespace: NAMESPACE });
}
