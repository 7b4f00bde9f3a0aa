/** The API over a real Temporal server and the control process; no worker trains, so a campaign stays at its start. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClientError } from '../../../src/api/client-error.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { databaseTracker } from '../../../src/db/apply-journal.ts';
import { freePort } from '../../../src/process/port.ts';
import { type SupervisedProcess, superviseProcess } from '../../../src/process/supervised-process.ts';
import { NAMESPACE } from '../../../src/temporal/server.ts';
import { prepareNamespace, temporalServerProcess } from '../../../src/temporal/temporal-server.ts';
import type { RunningWorker } from '../../../src/temporal/worker.ts';
import { startControlWorker } from '../../../src/workers/control-worker.ts';
import type { TestClient } from '../../support/calls.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';
import { TEST_CONVERTER } from '../../support/temporal.ts';

const config = campaignSchema.parse({
  name: 'steered',
  model: 'testbed',
  template: 'testbed',
  iterations: 2,
  sft: { demonstrations: 'testbed', problems: 10, batchTokens: 100 },
  problems: [{ from: 'testbed', split: 'train', limit: 64 }],
  problemsPerIteration: 32,
  evaluations: [{ suite: 'held-out', problems: { from: 'testbed', split: 'held-out', limit: 20 } }],
});

let home: string;
let server: SupervisedProcess;
let http: TestHttp;
let worker: RunningWorker;
let client: TestClient;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'whencode-steering-'));
  const { temporal } = readEnvironment();
  const port = await freePort(undefined);
  const address = `127.0.0.1:${port}`;
  const logFile = join(home, 'temporal.log');
  server = superviseProcess(temporalServerProcess({ temporal, home, port, keyId: 'test', logFile }), {
    onStart: () => {},
    onDeath: (name, how) => console.error(`${name} died: ${how}`),
  });
  await prepareNamespace(address, 60_000);
  http = await openTestHttp({ address, namespace: NAMESPACE, dataConverter: TEST_CONVERTER });
  const { db, store, resolveProblems } = http;
  const bundleFile = join(home, 'workflows.json');
  worker = await startControlWorker({
    bundleFile,
    temporal: { address, namespace: NAMESPACE, dataConverter: TEST_CONVERTER },
    store,
    db,
    database: databaseTracker(db),
    resolveProblems,
  });
  ({ client } = http);
});
afterAll(async () => {
  await worker.shutdown();
  await http.close();
  await server.stop();
  await rm(home, { recursive: true, force: true });
});

/** Asks again until the campaign is as wanted. */
async function until(wanted: (shown: Awaited<ReturnType<TestClient['showCampaign']>>) => boolean, id = 'steered') {
  for (;;) {
    const shown = await client.showCampaign(id);
    if (wanted(shown)) return shown;
    await sleep(100);
  }
}

it('starts, pauses, resumes, extends, stops and goes on with a campaign', async () => {
  expect(await client.isHealthy()).toBe(true);
  expect(await client.startCampaign(config)).toEqual({ id: 'steered' });
  expect(await client.startCampaign(config).catch((error: ClientError) => error.code)).toBe('conflict');
  const started = await until(({ live }) => live !== undefined);
  expect(started.live).toMatchObject({ status: 'running', iteration: 0, iterationsPlanned: 2, paused: false });

  await client.pauseCampaign('steered');
  await until(({ campaign, live }) => campaign.status === 'paused' && live?.paused === true);
  await client.resumeCampaign('steered');
  await until(({ campaign, live }) => campaign.status === 'running' && live?.paused === false);
  expect(await client.extendCampaign('steered', 3)).toEqual({ id: 'steered', iterationsPlanned: 5 });
  await until(({ campaign }) => campaign.iterationsPlanned === 5);

  const refused = await client.answerBlock('steered', 'retry').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ClientError);
  expect(refused).toMatchObject({ code: 'conflict', message: expect.stringContaining('only a blocked one') });

  await client.stopCampaign('steered', 'now');
  await until(({ campaign }) => campaign.status === 'stopped');
  const tooLate = await client.pauseCampaign('steered').catch((error: unknown) => error);
  expect(tooLate).toMatchObject({ code: 'conflict', message: expect.stringContaining('extend') });
  // It was stopped before its start was ready: there is no state to go on from.
  const nothing = await client.extendCampaign('steered', 1).catch((error: unknown) => error);
  expect(nothing).toMatchObject({ code: 'conflict', message: expect.stringContaining('start a new one') });
});

it('a button that is pressed twice is done once, and one of a campaign that has ended is refused as by the API', async () => {
  const headers = { authorization: `Bearer ${http.token}`, 'content-type': 'application/x-www-form-urlencoded' };
  const page = `${http.url}/campaigns/clicked`;
  const press = (action: string, requestId: string) =>
    fetch(`${page}/actions`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ action, requestId }),
      redirect: 'manual',
    });
  const shownId = async () =>
    /name="requestId" value="([^"]+)"/.exec(await (await fetch(page, { headers })).text())?.[1] ?? '';

  await client.startCampaign({ ...config, name: 'clicked' });
  const first = await shownId();
  expect(first).not.toBe('');
  const presses = await Promise.all([press('stop', first), press('stop', first)]);
  expect(presses.map(({ status }) => status)).toEqual([303, 303]);
  await until(({ campaign }) => campaign.status === 'stopped', 'clicked');
  const { entries } = await client.readJournal('clicked');
  const asked = entries.filter(({ kind }) => kind === 'stop-requested');
  expect(asked.map(({ details }) => ('by' in details ? details.by : undefined))).toEqual(['page']);

  const refused = await press('pause', first);
  const byApi = (await client.pauseCampaign('clicked').catch((error: unknown) => error)) as ClientError;
  expect([refused.status, await refused.json()]).toEqual([
    409,
    { error: { code: byApi.code, message: byApi.message } },
  ]);
});

it('starts an evaluation of any checkpoint, once however often it is asked for', async () => {
  const { digest } = await http.store.putTree(join(process.cwd(), 'src/server'));
  const at = new Date().toISOString();
  await applyFacts(http.db, [{ kind: 'checkpoint', digest, campaignId: 'steered', iteration: 0, at }]);
  const [first, again] = [
    await client.startEvaluation({ campaign: 'steered', suite: 'held-out' }),
    await client.startEvaluation({ checkpoint: digest.slice(7, 15), suite: 'held-out' }),
  ];
  expect(again).toEqual(first);
  expect(await client.showEvaluation(first.id)).toMatchObject({
    checkpoint: digest,
    suite: 'held-out',
    status: 'running',
  });
  expect(await client.listEvaluations({ campaign: 'steered' })).toMatchObject([{ id: first.id, iteration: 0 }]);
  const unknown = await client
    .startEvaluation({ campaign: 'steered', suite: 'gsm9k' })
    .catch((error: unknown) => error);
  expect(unknown).toMatchObject({ code: 'bad-request', message: expect.stringContaining('did you mean gsm8k?') });
});
