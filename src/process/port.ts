import { createServer } from 'node:net';
import { errorCode } from '../formats/error-code.ts';

/** Another process listens on the port. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
}

/** The port if it is free on loopback. @throws PortInUse */
export async function requireFreePort(port: number): Promise<number> {
  if ((await tryPort(port)) !== undefined) return port;
  throw new PortInUse(`port ${port} of 127.0.0.1 is in use; end what listens there, or give another with --port`);
}

/**
 * The wanted port if it is free on loopback, otherwise another free one. Another process may take it before it is used.
 */
export async function freePort(wanted: number | undefined): Promise<number> {
  if (wanted !== undefined && (await tryPort(wanted)) !== undefined) return wanted;
  const port = await tryPort(0);
  if (port === undefined) throw new Error('no port of 127.0.0.1 is free');
  return port;
}

/** The port if it is free on IPv4 and, where this machine has it, on IPv6; 0 is any. */
async function tryPort(wanted: number): Promise<number | undefined> {
  const port = await tryAddress('127.0.0.1', wanted);
  if (typeof port !== 'number') return undefined;
  if ((await tryAddress('::1', port)) !== 'EADDRINUSE') return port;
  return wanted === 0 ? tryPort(0) : undefined;
}

/** The port that was opened and closed, or the code of the failure. */
function tryAddress(host: string, port: number): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(errorCode(error)));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
