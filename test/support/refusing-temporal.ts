/** A server that answers every call of gRPC with the same status. */
import { createServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';

export interface RefusingServer {
  readonly address: string;
  /** Headers of the calls, oldest first. */
  readonly calls: readonly IncomingHttpHeaders[];
  close(): void;
}

/** @param status e.g. 7 = PERMISSION_DENIED, 16 = UNAUTHENTICATED */
export async function startRefusingTemporal(status: number): Promise<RefusingServer> {
  const calls: IncomingHttpHeaders[] = [];
  const server = createServer();
  server.on('stream', (stream, headers) => {
    calls.push(headers);
    const trailers = { 'grpc-status': `${status}`, 'grpc-message': 'no such key' };
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...trailers }, { endStream: true });
  });
  server.unref();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, calls, close: () => server.close() };
}
