/** Connections to Temporal that wait for a server which is not up yet. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { NAMESPACE } from './temporal-server.ts';

const RETRY_MS = 500;

/** Tries until the server answers or the signal aborts. Once connected, the SDK reconnects by itself. */
export async function connectNative(address: string, signal: AbortSignal): Promise<NativeConnection> {
  for (;;) {
    try {
      return await NativeConnection.connect({ address });
    } catch {
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

/** Connects at its first call. */
export function createClient(address: string): Client {
  return new Client({ connection: Connection.lazy({ address }), namespace: NAMESPACE });
}
