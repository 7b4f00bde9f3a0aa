/** A door in front of a plain server that lets in only who shows a certificate of its own authority. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';

export interface TlsDoor {
  readonly address: string;
  readonly files: { readonly authority: string; readonly certificate: string; readonly key: string };
  close(): void;
}

/** @param folder receives keys and certificates */
export async function openTlsDoor(target: string, folder: string): Promise<TlsDoor> {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=test', '-days', '2');
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost');
  for (const name of ['server', 'client']) {
    openssl('req', ...key, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', `/CN=${name}`);
    const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', at(`${name}.csr`), ...signed, '-extfile', at('names'), '-out', at(`${name}.pem`));
  }
  const [host = '', port = ''] = target.split(':');
  const read = (name: string): string => readFileSync(at(name), 'utf8');
  const server = createServer(
    {
      key: read('server.key'),
      cert: read('server.pem'),
      ca: read('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['h2'],
    },
    (outer) => {
      const inner = connect(Number(port), host);
      for (const [from, to] of [
        [outer, inner],
        [inner, outer],
      ] as const)
        from.on('error', () => to.destroy()).pipe(to);
    },
  );
  server.unref();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    address: `localhost:${(server.address() as AddressInfo).port}`,
    files: { authority: at('ca.pem'), certificate: at('client.pem'), key: at('client.key') },
    close: () => server.close(),
  };
}
