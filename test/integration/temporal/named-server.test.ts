/** Temporal servers that are not the embedded one: what is prepared, who is let in, what is said of those that refuse. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError } from '../../../src/config/config-error.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { taskQueueOf } from '../../../src/protocol/queues.ts';
import { connectNative, createClient } from '../../../src/temporal/connect.ts';
import { findTrouble, prepareServer } from '../../../src/temporal/prepare-server.ts';
import { installRuntime } from '../../../src/temporal/runtime.ts';
import { readTemporalServer, type TemporalServer } from '../../../src/temporal/server.ts';
import { startWorker } from '../../../src/temporal/worker.ts';
import { startRefusingTemporal } from '../../support/refusing-temporal.ts';
import { openTlsDoor, type TlsDoor } from '../../support/tls-door.ts';

let environment: TestWorkflowEnvironment;
let address: string;
let folder: string;
let door: TlsDoor;
let mutual: TemporalServer;

beforeAll(async () => {
  installRuntime('ERROR');
  const executable = { type: 'existing-path', path: readEnvironment().temporal } as const;
  // Without our namespace and our search attributes.
  environment = await TestWorkflowEnvironment.createLocal({
    server: { executable, log: { format: 'pretty', level: 'error' } },
  });
  address = (environment.connection as unknown as { options: { address: string } }).options.address;
  folder = await mkdtemp(join(tmpdir(), 'named-server-'));
  door = await openTlsDoor(address, folder);
  const { authority, certificate, key } = door.files;
  const found = readTemporalServer({
    TEMPORAL_ADDRESS: door.address,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority,
    TEMPORAL_TLS_CLIENT_CERT_PATH: certificate,
    TEMPORAL_TLS_CLIENT_KEY_PATH: key,
  });
  if (found === undefined) throw new Error('the variables name no server');
  mutual = found;
});
afterAll(async () => {
  door?.close();
  await environment?.teardown();
  await rm(folder, { recursive: true, force: true });
});

test('a server without namespace and search attributes gets them, once, and doctor says before what it lacks', async () => {
  const server = { address, namespace: 'fresh' };
  expect(await findTrouble(server)).toMatch(
    /no namespace fresh.*temporal operator namespace create --namespace fresh/s,
  );
  await Promise.all([prepareServer(server, {}), prepareServer(server, {})]);
  expect(await findTrouble(server)).toBeUndefined();
  await prepareServer(server, {});
  expect(await findTrouble(server)).toBeUndefined();
});

test('a namespace without the search attributes is told with the command that adds them', async () => {
  expect(await findTrouble({ address, namespace: 'default' })).toMatch(
    /search-attribute create --namespace default --name EmCampaign --type Keyword --name EmIteration --type Int/,
  );
});

test('by mutual TLS the namespace is made, a worker polls in it, and a client of the same settings sees it', async () => {
  await prepareServer(mutual, {});
  const activities = { doNothing: async () => undefined };
  const worker = await startWorker({ ...mutual, role: 'train', dataConverter: undefined, concurrency: 1, activities });
  const client = createClient({ ...mutual, dataConverter: undefined });
  const { namespace } = mutual;
  const taskQueue = { name: taskQueueOf('train') };
  const describeQueue = () => client.workflowService.describeTaskQueue({ namespace, taskQueue, taskQueueType: 2 });
  await expect.poll(async () => (await describeQueue()).pollers?.length, { timeout: 10_000 }).toBe(1);
  await client.connection.close();
  await worker.shutdown();
});

test('without a certificate the door stays shut, and the message says what to look at', async () => {
  const { authority } = door.files;
  const variables = { TEMPORAL_ADDRESS: door.address, TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority };
  expect(await findTrouble(readTemporalServer(variables) as TemporalServer)).toMatch(/credentials|hangs up/);
  const untrusted = readTemporalServer({ TEMPORAL_ADDRESS: door.address, TEMPORAL_TLS: 'true' }) as TemporalServer;
  expect(await findTrouble(untrusted)).toMatch(/its certificate is not trusted.*TEMPORAL_TLS_SERVER_CA_CERT_PATH/);
  expect(await findTrouble({ address, namespace: 'default', tls: true })).toMatch(/speaks no TLS/);
  expect(await findTrouble({ address: '127.0.0.1:1', namespace: 'default' })).toMatch(/nothing listens there/);
});

test.each([
  ['an unknown API key', 16],
  ['a missing permission', 7],
])('%s ends the waiting at once, and the key is sent but never shown', async (_, status) => {
  const refusing = await startRefusingTemporal(status);
  const server = { address: refusing.address, namespace: 'math', apiKey: 'secret-key', tls: false };
  const failure = await connectNative(server).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConfigError);
  expect(`${failure}`).toMatch(/lets nobody in.*TEMPORAL_API_KEY/);
  expect(`${failure}`).not.toContain('secret-key');
  expect(refusing.calls[0]?.authorization).toBe('Bearer secret-key');
  refusing.close();
});

test('a server that is not there is waited for, and the cause is said', async () => {
  const notes: string[] = [];
  const over = new AbortController();
  const waiting = connectNative(
    { address: '127.0.0.1:1', namespace: 'math' },
    { signal: over.signal, onNote: (note) => notes.push(note), quietMs: 0 },
  );
  await expect.poll(() => notes.length).toBe(1);
  over.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
  expect(notes[0]).toMatch(/127\.0\.0\.1:1 can't be reached: nothing listens there/);
});
