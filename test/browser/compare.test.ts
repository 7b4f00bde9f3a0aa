import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestHttp, type TestHttp } from '../support/http.ts';
import { openPages } from './open-pages.ts';
import { addSeedStories } from './seed-stories.ts';

let http: TestHttp;
let browser: Browser;

beforeAll(async () => {
  http = await openTestHttp();
  await addSeedStories(http, { iterations: 2, startMs: Date.now() - 400_000 });
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(async () => {
  await browser.close();
  await http.close();
});

it('compares the campaigns that are ticked: groups over seeds, settings, and paired differences', async () => {
  const { page, complaints } = await openPages(browser, http, { width: 1440, colorScheme: 'light' });
  await page.goto(`http://${http.pageHost}/compare`);
  await page.getByText('2 of 4 campaigns chosen').click();
  for (const id of ['em-1', 'em-2', 'rl-1', 'rl-2']) await page.getByLabel(id).check();
  await page.getByRole('button', { name: 'compare' }).click();
  await page.getByText('4 of 4 campaigns chosen').waitFor();

  const settings = page.getByRole('region', { name: 'Settings that differ' }).locator('tbody tr');
  expect(await settings.allTextContents()).toEqual(['methodrlem']);
  const charts = page.locator('.chart .u-wrap');
  await charts.first().waitFor();
  expect(await charts.count()).toBe(4);
  // Both seeds have the same figures, so that their mean is theirs.
  expect(await charts.first().getAttribute('aria-label')).toContain('em from 40.0 % to 86.0 %');
  const differences = page.getByRole('group', { name: 'em less rl' });
  expect(await differences.locator('thead').textContent()).toContain('Seed 2');
  expect(await differences.locator('tbody tr').first().textContent()).toContain('auto accuracy');

  await page.getByRole('link', { name: 'take as baseline: em' }).first().click();
  await page.getByRole('group', { name: 'rl less em' }).waitFor();
  await page.getByRole('link', { name: 'iteration', exact: true }).click();
  await page.locator('.chart .u-wrap').first().waitFor();
  expect(await page.locator('[data-chart]').first().getAttribute('data-chart')).toContain('"xName":"iteration"');
  expect(complaints).toEqual([]);
  await page.context().close();
});

it('names the campaigns that there are where the address names another', async () => {
  const { page } = await openPages(browser, http, { width: 390, colorScheme: 'dark' });
  expect((await page.goto(`http://${http.pageHost}/compare?campaigns=nobody`))?.status()).toBe(404);
  expect(await page.locator('main').textContent()).toContain('there is no campaign "nobody"');
  await page.context().close();
});
