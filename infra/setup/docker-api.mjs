import { request } from 'node:http';

/**
 * The few calls of the Docker Engine API that set-up and doctor need, without a client program or npm package.
 *
 * @typedef {{status: number, body: string}} Answer
 */

/**
 * @param {string | undefined} dockerHost as in DOCKER_HOST; undefined = the engine's own socket
 * @returns {{socketPath: string} | {host: string, port: number} | undefined} undefined for `ssh://` and TLS, which
 *   Docker's own client can speak but we can't
 */
export function parseDockerHost(dockerHost) {
  if (dockerHost === undefined || dockerHost === '') return { socketPath: '/var/run/docker.sock' };
  if (dockerHost.startsWith('unix://')) return { socketPath: dockerHost.slice('unix://'.length) };
  const address = /^(?:tcp|http):\/\/\[?([^\]/]+?)\]?(?::(\d+))?\/?$/.exec(dockerHost);
  if (address?.[1] === undefined) return undefined;
  return { host: address[1], port: Number(address[2] ?? 2375) };
}

/**
 * @param {string | undefined} dockerHost
 * @param {'GET' | 'POST' | 'DELETE'} method
 * @param {string} path
 * @param {{body?: import('node:stream').Readable, timeoutMs?: number}} [options]
 * @returns {Promise<Answer>} also for error codes
 * @throws {Error} if the engine can't be reached
 */
export function callDocker(dockerHost, method, path, options = {}) {
  const address = parseDockerHost(dockerHost);
  if (address === undefined) {
    return Promise.reject(
      new Error(`DOCKER_HOST=${dockerHost} is not supported; allowed: unix://PATH, tcp://HOST:PORT`),
    );
  }
  return new Promise((resolve, reject) => {
    const call = request({ ...address, method, path, timeout: options.timeoutMs ?? 5_000 }, (response) => {
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
