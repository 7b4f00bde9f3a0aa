import { afterAll, beforeAll, expect, it } from 'vitest';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { createTestClient } from '../../support/calls.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';
import { askPage, openSession } from '../../support/page-requests.ts';

const at = '2026-01-01T00:00:00.000Z';
const digest = `sha256:${'a'.repeat(64)}` as const;
const config = campaignSchema.parse({
  name: 'coder',
  model: 'testbed',
  template: 'testbed',
  iterations: 1,
  sft: { demonstrations: 'testbed', problems: 100, batchTokens: 700 },
  problems: [{ from: 'testbed', limit: 32 }],
});

let http: TestHttp;
beforeAll(async () => {
  http = await openTestHttp();
  const shard = { kind: 'shard', campaignId: 'coder', iteration: 1, of: 2, at, manifest: digest } as const;
  const counts = { executions: 30, 'execution.ok': 26, 'execution.cpu-timeout': 4, 'execution.cached': 5 };
  const others = { executions: 10, 'execution.ok': 7, 'execution.infrastructure': 3, 'execution.cached': 0 };
  await applyFacts(http.db, [
    { kind: 'campaign', id: 'coder', status: 'running', at, config, iterationsDone: 0 },
    { kind: 'checkpoint', digest, campaignId: 'coder', iteration: 0, at },
    { kind: 'iteration', campaignId: 'coder', iteration: 1, status: 'running', at, from: digest },
    { ...shard, shard: 0, counts: { ...counts, 'execution.queueMs': 700, 'execution.cpuMs': 9000 } },
    { ...shard, shard: 1, counts: { ...others, 'execution.queueMs': 100, 'execution.cpuMs': 250 } },
  ]);
});
afterAll(() => http.close());

it('executions, ends by cause, queue time and cache hits of all shards are in the API while the iteration runs', async () => {
  const { campaign } = await createTestClient(http).showCampaign('coder');
  expect(campaign.iterations[0]?.counts).toMatchObject({
    executions: 40,
    'execution.ok': 33,
    'execution.cpu-timeout': 4,
    'execution.infrastructure': 3,
    'execution.cached': 5,
    'execution.queueMs': 800,
    'execution.cpuMs': 9250,
  });
});

it('and on the live page', async () => {
  const cookie = await openSession(http);
  const { text: page } = await askPage(http, '/campaigns/coder', { headers: { cookie } });
  const row = /id="executions"[\s\S]*?<tbody>([\s\S]*?)<\/tbody>/.exec(page)?.[1] ?? '';
  const cells = [...row.matchAll(/<t[dh][^>]*>([\s\S]*?)<\/t[dh]>/g)].map(([, cell]) =>
    cell?.replace(/<[^>]*>/g, '').trim(),
  );
  expect(cells.slice(0, 12)).toEqual([...'1 40 33 0 4 0 0 0 3 5'.split(' '), '20 ms', '9.3 s']);
});
