import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { callDocker, describeExposure } from '../../../infra/setup/docker-api.mjs';
import { checkExposure } from '../../../src/checks/machine.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { connectDocker } from '../../../src/sandbox/docker-connection.ts';

let folder: string;
let server: Server;
let host: string;

/** A certificate of 127.0.0.1 that is its own authority, for server and client. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whencode-tls-'));
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'];
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...request, ...names, '-keyout', 'key.pem', '-out', 'cert.pem'], {
    cwd: folder,
    stdio: 'pipe',
  });
  const [key, cert] = await Promise.all(['key.pem', 'cert.pem'].map((name) => readFile(join(folder, name))));
  await writeFile(join(folder, 'ca.pem'), cert ?? '');
  server = createServer({ key, cert, ca: cert, requestCert: true, rejectUnauthorized: true }, (_, response) =>
    response.end('OK'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => vi.unstubAllEnvs());

describe('a Docker host with TLS', () => {
  it('is reached by set-up with the certificates that the environment names, and by no other way', async () => {
    await expect(callDocker(host, 'GET', '/_ping')).rejects.toThrow();
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    vi.stubEnv('DOCKER_CERT_PATH', folder);
    expect(await callDocker(host, 'GET', '/_ping')).toEqual({ status: 200, body: 'OK' });
    vi.stubEnv('DOCKER_CERT_PATH', join(folder, 'nowhere'));
    await expect(callDocker(host, 'GET', '/_ping')).rejects.toThrow(/ENOENT/);
  });

  it('is reached by the sandbox', async () => {
    const env = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };
    const [address] = readEnvironment(env).sandboxHosts ?? [];
    expect(String(await connectDocker(address).ping())).toBe('OK');
    const [plain] = readEnvironment({ DOCKER_HOST: host }).sandboxHosts ?? [];
    await expect(connectDocker(plain).ping()).rejects.toThrow();
  });
});

describe('a Docker host without TLS', () => {
  it('is warned of, in set-up and doctor', () => {
    expect(describeExposure('tcp://box:2375', false)).toContain(
      'everybody who can reach this port is root on that machine',
    );
    expect(checkExposure(['unix:///var/run/docker.sock', 'tcp://box:2375'])).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('tcp://box:2375'),
      remedy: expect.stringContaining('DOCKER_TLS_VERIFY'),
    });
    for (const held of ['unix:///var/run/docker.sock', 'ssh://me@box', 'https://box:2376?certs=/c'])
      expect(checkExposure([held]).status).toBe('ok');
    expect(describeExposure('tcp://box:2376', true)).toBeUndefined();
  });
});
