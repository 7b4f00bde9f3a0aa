import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The few calls of the Docker Engine API that set-up and doctor need, without a client program or npm package.
 *
 * @typedef {{status: number, body: string}} Answer
 */

const PLAIN_PORT = 2375;
const TLS_PORT = 2376;

/**
 * @param {string | undefined} dockerHost as in DOCKER_HOST; undefined = the engine's own socket
 * @param {boolean} [isTls] decides about the port where none is named
 * @returns {{socketPath: string} | {host: string, port: number} | undefined} undefined for `ssh://` and TLS, which
 *   Docker's own client can speak but we can't
 */
export function parseDockerHost(dockerHost, isTls = false) {
  if (dockerHost === undefined || dockerHost === '') return { socketPath: '/var/run/docker.sock' };
  if (dockerHost.startsWith('unix://')) return { socketPath: dockerHost.slice('unix://'.length) };
  const address = /^(?:tcp|http):\/\/\[?([^\]/]+?)\]?(?::(\d+))?\/?$/.exec(dockerHost);
  if (address?.[1] === undefined) return undefined;
  return { host: address[1], port: Number(address[2] ?? (isTls ? TLS_PORT : PLAIN_PORT)) };
}

/**
 * Folder of ca.pem, cert.pem and key.pem where Docker's own variables ask for TLS.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function tlsFolder(env = process.env) {
  if (env.DOCKER_TLS_VERIFY === undefined || env.DOCKER_TLS_VERIFY === '') return undefined;
  return env.DOCKER_CERT_PATH || join(homedir(), '.docker');
}

/**
 * What a host that is reached without TLS means, for people; undefined for other hosts.
 *
 * @param {string | undefined} dockerHost
 * @param {boolean} isTls
 * @returns {string | undefined}
 */
export function describeExposure(dockerHost, isTls) {
  if (isTls || !/^(?:tcp|http):\/\//.test(dockerHost ?? '')) return undefined;
  return `${dockerHost} is reached without TLS: everybody who can reach this port is root on that machine`;
}

/**
 * @param {string | undefined} dockerHost
 * @param {'GET' | 'POST' | 'DELETE'} method
 * @param {string} path
 * @param {{body?: import('node:stream').Readable, timeoutMs?: number}} [options]
 * @returns {Promise<Answer>} also for error codes
 * @throws {Error} if the engine can't be reached
 */
export async function callDocker(dockerHost, method, path, options = {}) {
  const folder = tlsFolder();
  const address = parseDockerHost(dockerHost, folder !== undefined);
  if (address === undefined) {
    throw new Error(`DOCKER_HOST=${dockerHost} is not supported; allowed: unix://PATH, tcp://HOST:PORT`);
  }
  const tls = 'host' in address && folder !== undefined ? readTls(folder) : undefined;
  return new Promise((resolve, reject) => {
    const target = { ...address, ...tls, method, path, timeout: options.timeoutMs ?? 5_000 };
    const call = (tls === undefined ? request : requestTls)(target, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => {
        body += text;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.once('error', reject);
    });
    call.once('timeout', () => call.destroy(new Error('the Docker engine does not answer')));
    call.once('error', reject);
    if (options.body === undefined) return call.end();
    call.setHeader('Content-Type', 'application/x-tar');
    options.body.once('error', (error) => call.destroy(error));
    options.body.pipe(call);
  });
}

/** @param {string} folder */
function readTls(folder) {
  const read = (/** @type {string} */ name) => readFileSync(join(folder, `${name}.pem`));
  return { ca: read('ca'), cert: read('cert'), key: read('key') };
}

/**
 * @param {string | undefined} dockerHost
 * @returns {Promise<{version: string, platform: string} | {error: string}>}
 */
export async function pingDocker(dockerHost) {
  try {
    const { status, body } = await callDocker(dockerHost, 'GET', '/version', { timeoutMs: 3_000 });
    if (status !== 200) return { error: `answers ${status}: ${body.slice(0, 200)}` };
    const { Version: version, Os: os, Arch: arch } = JSON.parse(body);
    return { version, platform: `${os}/${arch}` };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
