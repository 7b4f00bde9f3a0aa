import { createServer } from 'node:net';

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

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
