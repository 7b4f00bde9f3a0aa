import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClientError } from '../../../src/api/client-error.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { createTestClient, type TestClient } from '../../support/calls.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';

let http: TestHttp;
let client: TestClient;
const config = campaignSchema.parse({
  name: 'first',
  model: 'testbed',
  template: 'testbed',
  iterations: 1,
  sft: { demonstrations: 'testbed', problems: 100, batchTokens: 700 },
  problems: [{ from: 'testbed', limit: 32 }],
  evaluations: [{ suite: 'held-out', problems: { from: 'testbed', split: 'held-out', limit: 8 } }],
});

beforeAll(async () => {
  http = await openTestHttp();
  client = createTestClient(http);
  await applyFacts(http.db, [
    { kind: 'campaign', id: 'first', status: 'completed', at: '2026-01-01T00:00:00.000Z', config, iterationsDone: 1 },
  ]);
});
afterAll(() => http.close());

const failure = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ClientError);
  return error as ClientError;
};

it('names every problem of a campaign that is not valid', async () => {
  const error = await failure(client.startCampaign({ ...config, name: 'Not OK', iterations: -1 }));
  expect(error.code).toBe('bad-request');
  expect(error.message).toContain('lower-case letters');
  expect(error.message).toContain('iterations');
});

it('keeps names unique', async () => {
  expect(await failure(client.startCampaign(config))).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('"first"'),
  });
});

it('says that the orchestrator is away, and stores nothing then', async () => {
  expect(await failure(client.startCampaign({ ...config, name: 'second' }))).toMatchObject({ code: 'unavailable' });
  expect((await client.listCampaigns()).map((item) => item.id)).toEqual(['first']);
});

it('names what there is when something is not found', async () => {
  expect(await failure(client.showCampaign('frist'))).toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('there are first'),
  });
  expect((await failure(client.listRollouts({ campaign: 'first' }))).message).toBe(
    'campaign "first" has no rollouts yet',
  );
  expect((await failure(client.showCheckpoint('first@0'))).code).toBe('not-found');
});

it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'other.bin'])(
  'a checkpoint has no file %s',
  async (name) => {
    const folder = join(http.home, 'model');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'model.bin'), 'weights');
    const { digest } = await http.store.putTree(folder);
    const at = new Date(0).toISOString();
    await applyFacts(http.db, [{ kind: 'checkpoint', digest, campaignId: 'first', iteration: 1, at }]);
    const headers = { authorization: `Bearer ${http.token}` };
    const files = `${http.url}/api/checkpoints/${digest}/files`;
    expect((await fetch(`${files}/model.bin`, { headers })).status).toBe(200);
    const answer = await fetch(`${files}/${name}`, { headers });
    expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'not-found' } }]);
  },
);

it('refuses bodies and queries that it does not know', async () => {
  const post = (path: string, body: string) =>
    fetch(`${http.url}${path}`, { method: 'POST', body, headers: { authorization: `Bearer ${http.token}` } });
  expect((await post('/api/campaigns/first/extend', '{"iterations": 0}')).status).toBe(400);
  expect((await post('/api/campaigns/first/extend', '{"iteration": 1}')).status).toBe(400);
  expect((await post('/api/campaigns/first/stop', 'now')).status).toBe(400);
  expect((await post('/api/campaigns', ' '.repeat(2_000_000))).status).toBe(413);
});

it.each([
  ['too large', 2_000_000, { authorization: 'Bearer' }],
  ['of a stranger', 1_000_000, { authorization: 'Bearer wrong' }],
])('asks for another connection behind a body that is %s', async (_, bytes, headers) => {
  const response = await fetch(`${http.url}/api/campaigns`, { method: 'POST', body: ' '.repeat(bytes), headers });
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.headers.get('connection')).toBe('close');
  await response.text();
  expect((await client.listCampaigns()).map((item) => item.id)).toEqual(['first']);
});

it('pushes the id of a campaign of which something changed', async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const id of client.watch(stop.signal, 'first')) {
      seen.push(id);
      stop.abort();
    }
  })().catch(() => undefined);
  const { setTimeout: wait } = await import('node:timers/promises');
  for (let second = 1; seen.length === 0 && second < 3000; second += 1) {
    const at = new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
    await applyFacts(http.db, [
      { kind: 'campaign', id: 'other', status: 'running', at },
      { kind: 'campaign', id: 'first', status: 'running', at },
    ]);
    await wait(50);
  }
  await watching;
  expect(seen).toEqual(['first']);
});
