/**
 * A whole stack, seen by those who share the machine: another user (a real one), and a page in the owner's browser. Both
 * reach Temporal's ports; neither has the payload key.
 */
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectToHome } from '../../../src/api/client.ts';
import { waitForClient } from '../../../src/cli/wait-for-client.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { logPath } from '../../../src/process/paths.ts';
import { readStackState } from '../../../src/process/stack-file.ts';
import { taskQueueOf } from '../../../src/protocol/queues.ts';
import { NAMESPACE } from '../../../src/temporal/server.ts';
import { type Stack, startStack } from '../../../src/workers/stack.ts';
import { type TestClient, withCalls } from '../../support/calls.ts';
import { sendForeignMessages } from '../../support/foreign-messages.ts';
import { listeningPorts } from '../../support/listening-ports.ts';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let folder: string;
let home: string;
/** The owner's, beside the home. */
let secret: string;
let stack: Stack;
let client: TestClient;
let temporal: Client;
let listener: Server;
const called: string[] = [];

const pidsOf = async (): Promise<Readonly<Record<string, number>>> => (await readStackState(home))?.pids ?? {};
const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'other-users-'));
  await chmod(folder, 0o755);
  home = join(folder, 'home');
  secret = join(folder, 'secret');
  await mkdir(secret, { mode: 0o700 });
  await writeFile(join(secret, 'problems.jsonl'), '{"id":"s","problem":"the secret","answer":"7"}\n', { mode: 0o600 });
  listener = createServer((asked, answer) => {
    called.push(`${asked.method} ${asked.url}`);
    answer.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>a page</title>');
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  stack = await startStack({ home, temporal: readEnvironment().temporal });
  client = withCalls(await waitForClient(home, 300_000));
  temporal = new Client({ connection: Connection.lazy({ address: stack.temporalAddress }), namespace: NAMESPACE });
}, 400_000);
afterAll(async () => {
  await temporal?.connection.close();
  await stack?.stop();
  listener.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

const AT = '2026-11-30T21:00:00.000Z';
const forgedFact = (id: string) => ({ kind: 'campaign', id, status: 'running', at: AT, config: { name: 'x' } });

/** A standalone activity, as Temporal's HTTP API takes it. */
const activityCall = (id: string) => ({
  path: `/api/v1/namespaces/${NAMESPACE}/activities/${id}`,
  body: JSON.stringify({
    activityType: { name: 'recordFacts' },
    taskQueue: { name: taskQueueOf('control') },
    startToCloseTimeout: '20s',
    scheduleToCloseTimeout: '30s',
    input: [{ facts: [forgedFact(id)] }],
  }),
});
const workflowCall = (id: string) => ({
  path: `/api/v1/namespaces/${NAMESPACE}/workflows/${id}`,
  body: JSON.stringify({
    workflowType: { name: 'campaign' },
    taskQueue: { name: taskQueueOf('control') },
    input: [{ campaignId: id, config: {} }],
  }),
});

/** The status of the answer; undefined where nothing answers in HTTP. */
function post(port: number, path: string, headers: Readonly<Record<string, string>>, body?: string) {
  return new Promise<number | undefined>((resolve) => {
    const method = body === undefined ? 'GET' : 'POST';
    const sent = request({ host: '127.0.0.1', port, path, method, headers, timeout: 5000 }, (answer) => {
      answer.destroy();
      resolve(answer.statusCode);
    });
    sent.once('error', () => resolve(undefined));
    sent.once('timeout', () => sent.destroy(new Error('no answer')));
    sent.end(body);
  });
}

const isKnown = (id: string) =>
  temporal.workflow
    .getHandle(id)
    .describe()
    .then(
      () => true,
      () => false,
    );

async function expectNothingDone(ids: readonly string[]): Promise<void> {
  for (const id of ids) expect([id, await isKnown(id)]).toEqual([id, false]);
  await sleep(1500);
  expect(await client.listCampaigns()).toEqual([]);
  expect(await readdir(join(home, 'store', 'journals')).catch(() => [])).toEqual([]);
}

describe('a page in a browser', () => {
  test('no port of the stack takes a request that a page can send', async () => {
    const found = await listeningPorts(Object.values(await pidsOf()));
    expect(found.size).toBeGreaterThan(1);
    // The supervisor, here this test, listens for control.
    const ports = [...found.keys(), stack.apiPort];
    const ids: string[] = [];
    for (const port of ports) {
      for (const type of ['text/plain', 'application/json', 'application/x-www-form-urlencoded']) {
        for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `rebound.example:${port}`]) {
          const headers = { 'content-type': type, host, origin: 'http://evil.example' };
          for (const call of [activityCall, workflowCall]) {
            const id = `port-${port}-${ids.length}`;
            ids.push(id);
            const { path, body } = call(id);
            const status = await post(port, path, headers, body);
            expect([port, type, host, (status ?? 599) >= 400]).toEqual([port, type, host, true]);
          }
          const listed = await post(port, `/api/v1/namespaces/${NAMESPACE}/workflows`, headers);
          expect([port, host, (listed ?? 599) >= 400]).toEqual([port, host, true]);
        }
      }
    }
    await expectNothingDone(ids);
  }, 120_000);

  test('a real one sends them in vain', async () => {
    const ports = [...(await listeningPorts(Object.values(await pidsOf()))).keys(), stack.apiPort];
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    try {
      const page = await browser.newPage();
      await page.goto(urlOf(listener));
      const calls = ports.flatMap((port) =>
        [activityCall(`page-${port}`), workflowCall(`page-wf-${port}`)].map(({ path, body }) => ({
          url: `http://127.0.0.1:${port}${path}`,
          body,
        })),
      );
      const outcomes = await page.evaluate(
        (all) =>
          Promise.all(
            all.map(({ url, body }) =>
              fetch(url, { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body }).then(
                ({ type }) => `sent ${type}`,
                () => 'not sent',
              ),
            ),
          ),
        calls,
      );
      // The browser lets them out: it is Temporal that refuses them.
      expect(outcomes).toContain('sent opaque');
    } finally {
      await browser.close();
    }
    await expectNothingDone(ports.flatMap((port) => [`page-${port}`, `page-wf-${port}`]));
  }, 120_000);
});

describe.skipIf(!isRoot)('another user of the machine', () => {
  let cli: string;
  beforeAll(async () => {
    cli = join(folder, 'temporal');
    await copyFile(readEnvironment().temporal, cli);
    await chmod(cli, 0o755);
  });

  /** Runs Temporal's own command as nobody. */
  function asNobody(...args: readonly string[]): Promise<{ readonly isDone: boolean; readonly said: string }> {
    const options = { uid: NOBODY, gid: NOBODY, env: { HOME: '/nonexistent', PATH: '/usr/bin:/bin' }, timeout: 90_000 };
    const server = ['--address', stack.temporalAddress, '--namespace', NAMESPACE, '--disable-config-file'];
    return new Promise((resolve) => {
      execFile(cli, [...args, ...server], { ...options, cwd: '/' }, (error, stdout, stderr) =>
        resolve({ isDone: error === null, said: `${stdout}${stderr}` }),
      );
    });
  }
  let attacks = 0;
  const execute = (type: string, input: unknown) => {
    attacks += 1;
    const task = ['--type', type, '--task-queue', taskQueueOf('control'), '--activity-id', `attack-${attacks}`];
    const limits = [
      '--start-to-close-timeout',
      '20s',
      '--schedule-to-close-timeout',
      '40s',
      '--retry-maximum-attempts',
      '2',
    ];
    return asNobody('activity', 'execute', ...task, ...limits, '--input', JSON.stringify(input));
  };

  /** The failure's message is encrypted, so it is read in the log of the worker. */
  async function expectRefused(type: string, input: unknown): Promise<void> {
    const readLog = () => readFile(logPath(home, 'control'), 'utf8');
    const before = (await readLog()).length;
    expect(await execute(type, input)).toMatchObject({
      isDone: false,
      said: expect.stringContaining('Encoded failure'),
    });
    // The process writes its log after it has answered.
    while (!(await readLog()).slice(before).includes(`${type} is refused: it is not encrypted`)) await sleep(100);
  }

  test('reaches Temporal, so that what follows is refused by the workers', async () => {
    expect((await asNobody('workflow', 'list')).isDone).toBe(true);
    await expectRefused('recordFacts', { facts: [forgedFact('by-nobody')] });
    await expectNothingDone([]);
  }, 120_000);

  test('can’t have a file of the owner put into the store', async () => {
    const config = { name: 'thief', model: 'testbed', template: 'testbed', iterations: 1, problemsPerIteration: 1 };
    const problems = [{ from: join(secret, 'problems.jsonl') }];
    await expectRefused('openCampaign', { campaignId: 'thief', config: { ...config, problems } });
    for (const name of await readdir(join(home, 'store'), { recursive: true })) {
      const path = join(home, 'store', name);
      if ((await stat(path)).isFile())
        expect([name, (await readFile(path)).includes('the secret')]).toEqual([name, false]);
    }
  }, 120_000);

  test.each(['../../../../secret/by-nobody', 'no-time'])(
    'can’t write a journal entry at %s, nor brick the stack',
    async (at) => {
      await expectRefused('recordFacts', { facts: [{ ...forgedFact('by-nobody'), at }] });
      const note = { campaignId: 'by-nobody', at, kind: 'paused', details: {} };
      await expectRefused('writeJournal', note);
      expect(await readdir(secret)).toEqual(['problems.jsonl']);
      const { api } = await connectToHome(home);
      expect((await api.database.rebuild.$post()).status).toBe(200);
      await expectNothingDone([]);
    },
    120_000,
  );

  test('can’t call a URL as the owner', async () => {
    called.length = 0;
    const body = { campaign: 'x', status: 'blocked', reason: 'x', at: AT };
    await expectRefused('postWebhook', { url: `${urlOf(listener)}/latest/meta-data`, body });
    expect(called).toEqual([]);
  }, 120_000);
});

test('500 messages of any form to every queue: no process ends, nothing is written, and the stack goes on', async () => {
  const before = await pidsOf();
  called.length = 0;
  const beside = await readdir(folder, { recursive: true }).then((names) =>
    names.filter((name) => !name.startsWith('home')),
  );
  const taken = await sendForeignMessages({
    address: stack.temporalAddress,
    namespace: NAMESPACE,
    count: 500,
    seed: 1,
    bait: { outside: secret, url: `${urlOf(listener)}/` },
  });
  expect(taken.activity).toBeGreaterThan(50);
  expect(taken.workflow).toBeGreaterThan(10);
  await sleep(3000);
  expect(await pidsOf()).toEqual(before);
  expect(await (await connectToHome(home)).isHealthy()).toBe(true);
  expect(called).toEqual([]);
  expect((await readdir(folder, { recursive: true })).filter((name) => !name.startsWith('home'))).toEqual(beside);
  await expectNothingDone([]);
}, 300_000);
