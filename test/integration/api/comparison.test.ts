import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from '../../../src/api/client.ts';
import type { CampaignComparison } from '../../../src/campaigns/compare-campaigns.ts';
import { EVALUATED } from '../../browser/campaign-story.ts';
import { addSeedStories } from '../../browser/seed-stories.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await openTestHttp();
  await addSeedStories(http, { iterations: 1, startMs: Date.UTC(2026, 0, 1) });
});
afterAll(() => http.close());

const compare = async (campaigns: string, suite?: string): Promise<CampaignComparison> =>
  ask(http.client.api.evaluations.comparison.$get({ query: { campaigns, ...(suite === undefined ? {} : { suite }) } }));

it('puts campaigns that differ in their seeds only into a group, and names the settings that differ', async () => {
  const { groups, settings } = await compare('rl-*,em-*');
  expect(groups.map(({ name, campaigns }) => [name, campaigns.map(({ id }) => id)])).toEqual([
    ['rl', ['rl-1', 'rl-2']],
    ['em', ['em-1', 'em-2']],
  ]);
  expect(settings).toEqual([{ path: 'method', values: ['rl', 'em'] }]);
});

it('says what each campaign cost', async () => {
  const { costs } = await compare('em-1,rl-1');
  expect(costs.map(({ id, method, iterations, rollouts }) => ({ id, method, iterations, rollouts }))).toEqual([
    { id: 'em-1', method: 'em', iterations: 1, rollouts: 1024 },
    { id: 'rl-1', method: 'rl', iterations: 1, rollouts: 1024 },
  ]);
  for (const { newTokens, seconds } of costs) {
    expect(newTokens).toBeGreaterThan(9 * 1024);
    expect(seconds).toBeGreaterThan(128);
  }
});

it('gives the differences of each seed on the same problems, at the same number of rollouts', async () => {
  const { suites, suite, differences } = await compare('rl-*,em-*');
  expect({ suites, suite }).toEqual({ suites: ['held-out'], suite: 'held-out' });
  expect(differences).toMatchObject([{ suite: 'held-out', left: 'rl', right: 'em', rollouts: 1024 }]);
  expect(differences[0]?.seeds.map(({ seed, pairedOver }) => [seed, pairedOver])).toEqual([
    [1, EVALUATED],
    [2, EVALUATED],
  ]);
});

it('refuses a suite that nothing was measured on, and names those that there are', async () => {
  await expect(compare('em-1,rl-1', 'math500')).rejects.toThrow(
    'no suite "math500" was measured on these campaigns; there are held-out',
  );
});
