import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planCampaign } from '../../src/campaigns/plan-campaign.ts';
import { applyFacts } from '../../src/db/apply-facts.ts';
import type { CampaignInput } from '../../src/protocol/campaign-input.ts';
import { createTemporalGateway } from '../../src/temporal/gateway.ts';
import { openTestHttp, type TestHttp } from '../support/http.ts';
import { campaignStory, EM_SCORES } from './campaign-story.ts';
import { openPages } from './open-pages.ts';

let http: TestHttp;
let browser: Browser;
const started: CampaignInput[] = [];
const evaluated: { readonly workflowId: string }[] = [];

beforeAll(async () => {
  const gateway = createTemporalGateway({ address: '127.0.0.1:1', namespace: 'default', dataConverter: undefined });
  http = await openTestHttp({
    gateway: {
      ...gateway,
      startCampaign: async (input) => void started.push(input),
      startEvaluation: async (request) => void evaluated.push(request),
      readRunState: async () => 'running',
      readEvaluationState: async () => 'running',
    },
    // As the real one, without the engine of the sandbox.
    preflight: (config) => planCampaign(config, { dataDirectory: undefined, cacheDirectory: '/nowhere' }),
  });
  const story = { store: http.store, id: 'em-run', method: 'em', planned: 2, startMs: Date.now() - 400_000 } as const;
  await applyFacts(http.db, await campaignStory({ ...story, scores: EM_SCORES.slice(0, 3) }));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(async () => {
  await browser.close();
  await http.close();
});

const open = async (path: string) => {
  const opened = await openPages(browser, http, { width: 1440, colorScheme: 'light' });
  await opened.page.goto(`http://${http.pageHost}${path}`);
  return opened;
};

it('checks a campaign file as it is written, shows its plan and its data, and starts it', async () => {
  const { page } = await open('/new');
  const editor = page.getByLabel('Campaign file');
  const valid = await editor.inputValue();
  await editor.fill(valid.replace('iterations: 4', 'iteratoins: 4'));
  await page.getByText('iteratoins is not a setting; did you mean iterations?').waitFor();
  await editor.fill(valid.replace('name: testbed', 'name: mine'));
  const problems = page.getByRole('group', { name: 'First problems' }).locator('tbody tr');
  await problems.first().waitFor();
  expect(await problems.count()).toBe(5);
  expect(await page.locator('#result').textContent()).toContain('em, 4 iterations of 1,024 rollouts in 2 shards');
  expect(started).toEqual([]);

  await page.getByRole('button', { name: 'start' }).click();
  await page.waitForURL('**/campaigns/mine');
  expect(started).toMatchObject([{ campaignId: 'mine', config: { iterations: 4, method: 'em' } }]);
  await page.context().close();
});

it('begins a new run with the settings of another, and keeps what was typed when it is refused', async () => {
  const { page } = await open('/campaigns/em-run');
  await page.getByRole('link', { name: 'run again' }).click();
  const editor = page.getByLabel('Campaign file');
  expect(await editor.inputValue()).toContain('name: em-run-again');
  const taken = (await editor.inputValue()).replace('em-run-again', 'em-run');
  await editor.fill(taken);
  await page.getByRole('button', { name: 'start' }).click();
  await page.getByText('a campaign "em-run" exists already').waitFor();
  expect(await editor.inputValue()).toBe(taken);
  await page.context().close();
});

it('starts an evaluation of a checkpoint, and says what is wrong with one that it refuses', async () => {
  const { page } = await open('/campaigns/em-run');
  await page.getByRole('link', { name: 'evaluate', exact: true }).click();
  await page.getByLabel('Problems').fill('many');
  await page.getByRole('button', { name: 'evaluate' }).click();
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('limit');
  await page.getByLabel('Problems').fill('12');
  await page.getByRole('button', { name: 'evaluate' }).click();
  await page.waitForURL('**/campaigns/em-run#evaluations');
  expect(evaluated).toHaveLength(1);
  await page.context().close();
});

it('shows a refused fork with its reason and what was typed', async () => {
  const { page } = await open('/campaigns/em-run');
  await page.getByRole('link', { name: 'fork', exact: true }).click();
  await page.getByLabel('Name of the new campaign').fill('other');
  await page.getByLabel('Other settings').fill('alhpa=4');
  await page.getByRole('button', { name: 'fork' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('alhpa is not a setting; did you mean alpha?');
  expect(await page.getByLabel('Other settings').inputValue()).toBe('alhpa=4');
  await page.context().close();
});

it('lists checkpoints with links to their iterations, which say what changed', async () => {
  const { page, complaints } = await open('/checkpoints');
  const table = page.getByRole('group', { name: 'Checkpoints of em-run' });
  expect(await table.locator('tbody tr').count()).toBe(3);
  await table.getByRole('link', { name: '2', exact: true }).click();
  const change = page.getByRole('group', { name: 'What changed' });
  expect(await change.locator('tbody tr').first().textContent()).toContain('auto accuracy');
  expect(await page.getByRole('group', { name: 'Stages' }).textContent()).toContain('curate');
  expect(complaints).toEqual([]);
  await page.context().close();
});
