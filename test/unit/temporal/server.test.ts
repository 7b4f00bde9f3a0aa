import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError } from '../../../src/config/config-error.ts';
import { readTemporalServer } from '../../../src/temporal/server.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temporal-toml-'));
  file = join(folder, 'temporal.toml');
  await writeFile(
    file,
    [
      '[profile.default]\naddress = "default.internal:7233"',
      '[profile.cloud]\naddress = "eu.tmprl.cloud:7233"\nnamespace = "math.a1b2c"\napi_key = "key-of-cloud"',
      '[profile.nameless]\nnamespace = "math"',
    ].join('\n'),
  );
});
afterAll(() => rm(folder, { recursive: true }));

test('no server is named by nothing, nor by variables of other use or empty ones', () => {
  expect(readTemporalServer({})).toBeUndefined();
  expect(
    readTemporalServer({ TEMPORAL_API_KEY: 'k', TEMPORAL_NAMESPACE: 'other', TEMPORAL_ADDRESS: '' }),
  ).toBeUndefined();
});

test("the file of Temporal's other tools is not read unless a variable names a server", async () => {
  const config = join(folder, 'config');
  await mkdir(join(config, 'temporalio'), { recursive: true });
  await writeFile(join(config, 'temporalio', 'temporal.toml'), '[profile.default]\naddress = "other.internal:7233"');
  expect(readTemporalServer({ XDG_CONFIG_HOME: config })).toBeUndefined();
});

test('an address alone is a plain connection to the namespace whencode', () => {
  expect(readTemporalServer({ TEMPORAL_ADDRESS: 'temporal.internal:7233' })).toEqual({
    address: 'temporal.internal:7233',
    namespace: 'whencode',
  });
});

test('an API key brings TLS, which can be switched off', () => {
  const variables = { TEMPORAL_ADDRESS: 'a:1', TEMPORAL_NAMESPACE: 'math', TEMPORAL_API_KEY: 'k' };
  expect(readTemporalServer(variables)).toEqual({ address: 'a:1', namespace: 'math', apiKey: 'k', tls: true });
  expect(readTemporalServer({ ...variables, TEMPORAL_TLS: 'false' })).toMatchObject({ apiKey: 'k', tls: false });
});

test('a profile gives address, namespace and key; variables and the command line come first', () => {
  const variables = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'cloud' };
  const cloud = { address: 'eu.tmprl.cloud:7233', namespace: 'math.a1b2c', apiKey: 'key-of-cloud', tls: true };
  expect(readTemporalServer(variables)).toEqual(cloud);
  expect(readTemporalServer({ ...variables, TEMPORAL_NAMESPACE: 'other' })).toEqual({ ...cloud, namespace: 'other' });
  expect(readTemporalServer(variables, 'b:2')).toEqual({ ...cloud, address: 'b:2' });
  expect(readTemporalServer({ TEMPORAL_CONFIG_FILE: file })).toMatchObject({ address: 'default.internal:7233' });
});

test.each([
  ['a file that is absent', { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' }, /ENOENT.*\/nowhere\/temporal\.toml/],
  ['a profile that is absent', { TEMPORAL_PROFILE: 'nobody', HOME: '/nowhere' }, /nobody/],
  ['a profile without an address', { profile: 'nameless' }, /names no address/],
  ['a certificate without its key', { TEMPORAL_ADDRESS: 'a:1', TEMPORAL_TLS_CLIENT_CERT_PATH: '/c.pem' }, /only one/],
  [
    'a certificate that is absent',
    { TEMPORAL_ADDRESS: 'a:1', TEMPORAL_TLS_CLIENT_CERT_PATH: '/c.pem', TEMPORAL_TLS_CLIENT_KEY_PATH: '/k.pem' },
    /\/c\.pem/,
  ],
])('%s is refused with what to look at', (_, { profile, ...given }: Record<string, string>, message) => {
  const variables = profile === undefined ? given : { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: profile };
  const reading = () => readTemporalServer(variables as Record<string, string>);
  expect(reading).toThrow(ConfigError);
  expect(reading).toThrow(message);
});
