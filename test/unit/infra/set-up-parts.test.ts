import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readContext } from '../../../infra/setup/context.mjs';
import { parseDockerHost } from '../../../infra/setup/docker-api.mjs';
import { isSupportedNode } from '../../../infra/setup/node-version.mjs';
import { findDifferences } from '../../../infra/setup/npm-packages.mjs';
import { nameImage, readImageDescription } from '../../../infra/setup/sandbox-image.mjs';
import { isTooOld } from '../../../infra/setup/temporal-server.mjs';
import { isSupportedPython } from '../../../infra/setup/uv.mjs';
import { readEnvironment } from '../../../src/config/environment.ts';

describe('set-up and the program agree on where things are', () => {
  it.each([
    {},
    { XDG_CACHE_HOME: '/var/cache' },
    { WHENCODE_CACHE_DIR: '/big/cache', XDG_CACHE_HOME: '/var/cache' },
    { WHENCODE_PYTHON: '/opt/python', WHENCODE_TEMPORAL: '/opt/temporal', DOCKER_HOST: 'tcp://docker:2375' },
  ])('with %j', (env) => {
    const { cacheDirectory, python, temporal, dockerHost } = readEnvironment(env);
    expect(readContext(env)).toMatchObject({ cacheDirectory, python, temporal, dockerHost });
  });
});

describe('npm packages against the lock file', () => {
  const locked = {
    '': { version: '0.1.0' },
    'node_modules/zod': { version: '4.6.7', integrity: 'sha512-a' },
    'node_modules/biome-darwin': { version: '2.6.8', integrity: 'sha512-b', optional: true },
  };

  it('are as locked without those of other platforms', () => {
    expect(findDifferences(locked, { 'node_modules/zod': { version: '4.6.7', integrity: 'sha512-a' } })).toEqual([]);
  });

  it.each([
    ['missing', {}],
    ['another version', { 'node_modules/zod': { version: '4.6.6', integrity: 'sha512-c' } }],
    ['another content', { 'node_modules/zod': { version: '4.6.7', integrity: 'sha512-c' } }],
  ])('differ when a package is %s', (_case, installed) => {
    expect(findDifferences(locked, installed)).toEqual(['node_modules/zod 4.6.7']);
  });
});

it.each([
  [undefined, { socketPath: '/var/run/docker.sock' }],
  ['unix:///run/user/1000/docker.sock', { socketPath: '/run/user/1000/docker.sock' }],
  ['tcp://docker:2376', { host: 'docker', port: 2376 }],
  ['tcp://127.0.0.1', { host: '127.0.0.1', port: 2375 }],
  ['tcp://[::1]:2375', { host: '::1', port: 2375 }],
  ['ssh://me@host', undefined],
])('DOCKER_HOST=%s', (dockerHost, address) => {
  expect(parseDockerHost(dockerHost)).toEqual(address);
});

it('DOCKER_HOST without a port is at the port of TLS where TLS is asked for', () => {
  expect(parseDockerHost('tcp://docker', true)).toEqual({ host: 'docker', port: 2376 });
  expect(parseDockerHost('tcp://docker:2375', true)).toEqual({ host: 'docker', port: 2375 });
});

it('the sandbox image is named by its recipe, so a change of the recipe is another image', async () => {
  const { name, recipe } = await readImageDescription();
  expect(name).toBe(nameImage(recipe));
  expect(nameImage({ ...recipe, packages: [...recipe.packages, 'python3-scipy'] })).not.toBe(name);
});

it.each([
  ['20.18.3', false],
  ['20.19.0', true],
  ['22.1.0', true],
  ['18.20.0', false],
])('Node %s is supported: %s', (version, expected) => {
  expect(isSupportedNode(version)).toBe(expected);
});

it('the supported Node versions are those of package.json', async () => {
  const { engines } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  expect(engines.node).toBe('>=20.19');
});

it.each([
  ['3.10.14', false],
  ['3.11.2', true],
  ['3.14.0', true],
  ['3.15.0', false],
])('Python %s is supported: %s', (version, expected) => {
  expect(isSupportedPython(version)).toBe(expected);
});

it.each([
  ['0.13.2', true],
  ['1.2.9', true],
  ['1.3.0', false],
  ['1.9.1', false],
  ['2.0.0', false],
])('Temporal CLI %s is too old: %s', (version, expected) => {
  expect(isTooOld(version)).toBe(expected);
});
