/** The whole app in this process over a real database, store and Temporal server, under requests that nobody should send. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Digest } from '../../../src/artifacts/types.ts';
import { planCampaign } from '../../../src/campaigns/plan-campaign.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { Access } from '../../../src/server/access.ts';
import { createApp } from '../../../src/server/app.ts';
import { sessionsInMemory } from '../../../src/server/session-file.ts';

import { campaignStory, EM_SCORES } from '../../browser/campaign-story.ts';
import { openTestDeps, type TestDeps } from '../../support/http.ts';
import { startTestServer } from '../../support/temporal.ts';
import { type RandomRequest, randomRequests } from './random-requests.ts';

const REQUESTS = 10_000;
const AT_ONCE = 8;
/** No worker answers for the campaigns that some requests start; waiting for it is not what is tried here. */
const CALL_TIMEOUT_MS = 500;
/** Far more than an answer takes: its records are synced to a disk that other work may keep busy for a minute. */
const ANSWER_LIMIT_MS = 300_000;
const TOKEN = 'f'.repeat(64);
const HOST = '127.0.0.1:7420';

let temporal: TestWorkflowEnvironment;
let deps: TestDeps;
let app: Hono;
let checkpoint: Digest;
const unexpected: string[] = [];

const config = campaignSchema.parse({
  name: 'spoilt',
  model: 'testbed',
  template: 'testbed',
  iterations: 1,
  sft: { demonstrations: 'testbed', problems: 100, batchTokens: 700 },
  problems: [{ from: 'testbed', limit: 8 }],
  evaluations: [{ suite: 'held-out', problems: { from: 'testbed', split: 'held-out', limit: 4 } }],
});

beforeAll(async () => {
  temporal = await startTestServer();
  const { options } = temporal.connection as unknown as { options: { address: string } };
  deps = await openTestDeps({
    address: options.address,
    callTimeoutMs: CALL_TIMEOUT_MS,
    preflight: (asked) => planCampaign(asked, { dataDirectory: undefined, cacheDirectory: deps.home }),
  });
  const { db, store, home } = deps;
  const story = { store, planned: 4, startMs: Date.UTC(2026, 0, 1), scores: EM_SCORES.slice(0, 1) };
  await applyFacts(db, await campaignStory({ ...story, id: 'em', method: 'em' }));
  const folder = join(home, 'model');
  await mkdir(folder);
  await writeFile(join(folder, 'model.bin'), 'weights');
  const at = new Date(0).toISOString();
  checkpoint = (await store.putTree(folder)).digest;
  await applyFacts(db, [{ kind: 'checkpoint', digest: checkpoint, campaignId: 'spoilt', iteration: 1, at }]);
  app = createApp(deps, {
    access: new Access({ readToken: async () => TOKEN, address: () => HOST, store: sessionsInMemory() }),
    hosts: () => new Set([HOST]),
    pageHost: () => HOST,
    log: (message, error) => unexpected.push(`${message}: ${error instanceof Error ? error.stack : error}`),
  });
});
afterAll(async () => {
  await deps.close();
  await temporal.teardown();
});

/** What is wrong with the answer; undefined if nothing is. */
async function complaint({ method, path, headers, body }: RandomRequest): Promise<string | undefined> {
  const response = await app.request(`http://${HOST}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const isStream = response.headers.get('content-type')?.includes('text/event-stream') === true;
  const text = isStream ? '' : await response.text();
  if (isStream) await response.body?.cancel();
  const what = `${method} ${path.slice(0, 200)} ${JSON.stringify(body)?.slice(0, 500)} → ${response.status} ${text.slice(0, 300)}`;
  // Unavailable is an answer: nobody works on the campaigns here.
  if (response.status >= 500 && !(response.status === 503 && text.includes('"unavailable"'))) return what;
  // Programs get a sentence that says what is wrong.
  const isProgram =
    new URL(`http://${HOST}${path}`).pathname.startsWith('/api/') &&
    method !== 'HEAD' &&
    response.status >= 400 &&
    response.status !== 413;
  return isProgram && !/^\{"error":\{"code":"[a-z-]+","message":".{8,}/.test(text)
    ? `no error message: ${what}`
    : undefined;
}

it(`answers ${REQUESTS} spoilt requests over all routes and methods without a crash or a 500`, async () => {
  const routes = app.routes.filter(({ path }) => path !== '/*');
  const known = [
    'em',
    'spoilt',
    checkpoint,
    checkpoint.slice(7, 15),
    'held-out',
    '1',
    '0',
    'auto',
    'code',
    'correct',
    'testbed',
    '/tmp',
  ];
  const evaluation = {
    campaign: 'em',
    checkpoint,
    suite: 'held-out',
    samples: 2,
    limit: 2,
    arms: ['auto'],
    seed: 1,
  };
  const bodies = [
    config,
    { when: 'now' },
    { iterations: 1 },
    evaluation,
    { suite: '/tmp/x.jsonl', checkpoint: '/tmp' },
  ];
  const requests = randomRequests('spoilt', { routes, token: TOKEN, host: HOST, known, bodies });
  const complaints: string[] = [];
  const used = new Set<string>();
  let left = REQUESTS;
  const send = async (): Promise<void> => {
    for (const request of requests) {
      if (left === 0) return;
      left -= 1;
      used.add(request.method);
      const giveUp = new AbortController();
      const wrong = await Promise.race([
        complaint(request).catch((error: unknown) => `${JSON.stringify(request)} threw ${error}`),
        sleep(ANSWER_LIMIT_MS, `${JSON.stringify(request)} got no answer`, { signal: giveUp.signal }).catch(() => ''),
      ]);
      giveUp.abort();
      if (wrong !== undefined) complaints.push(wrong);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  expect(complaints.slice(0, 10)).toEqual([]);
  expect(unexpected.slice(0, 10)).toEqual([]);
  expect(used.size).toBe(7);
  const alive = await app.request(`http://${HOST}/api/campaigns`, {
    headers: { host: HOST, authorization: `Bearer ${TOKEN}` },
  });
  expect(alive.status).toBe(200);
}, 600_000);
