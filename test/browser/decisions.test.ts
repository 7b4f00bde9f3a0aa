import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyFacts } from '../../src/db/apply-facts.ts';
import { openTestHttp, type TestHttp } from '../support/http.ts';
import { campaignStory, EM_SCORES, EVALUATED } from './campaign-story.ts';
import { openPages } from './open-pages.ts';

let http: TestHttp;
let browser: Browser;

beforeAll(async () => {
  http = await openTestHttp();
  const story = { store: http.store, id: 'em-run', method: 'em', planned: 4, startMs: Date.now() - 200_000 } as const;
  await applyFacts(http.db, await campaignStory({ ...story, scores: EM_SCORES.slice(0, 2) }));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(async () => {
  await browser.close();
  await http.close();
});

const overflowOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

it.each([
  { width: 1440, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const)(
  'leads from a run to a wrong decision and to the rollouts of its arms, at $width pixels',
  async (options) => {
    const { page, complaints } = await openPages(browser, http, options);
    await page.goto(`http://${http.pageHost}/campaigns/em-run`);
    await page.locator('#evaluations a', { hasText: 'held-out' }).first().click();
    await page.getByRole('heading', { name: 'held-out' }).waitFor();
    expect(await page.locator('tbody tr').count()).toBe(EVALUATED);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);

    await page.locator('.chips a', { hasText: 'wrong arm' }).click();
    await page.waitForURL(/mark=wrong-arm/);
    const rows = page.locator('tbody tr');
    expect(await rows.count()).toBe(7);
    expect(await rows.first().textContent()).toContain('worse arm');

    await rows.first().getByRole('link').click();
    await page.getByRole('heading', { name: 'Problem' }).waitFor();
    expect(await page.locator('.arm-column').count()).toBe(3);
    expect(await page.locator('.arm-column[aria-label="Arm code"] .verdict').first().textContent()).toBe('correct');
    expect(await page.locator('.arm-column[aria-label="Arm code"] pre.output').first().textContent()).not.toBe('');
    expect(await page.locator('.arm-column[aria-label="Arm auto"] .verdict').first().textContent()).toBe('incorrect');
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);

    // The same problem in the next evaluation.
    await page.locator('#events-title + .scroll a').nth(1).click();
    await page.getByRole('heading', { name: 'Rollouts: held-out, iteration 1' }).waitFor();
    await page.getByRole('link', { name: 'In the list of rollouts' }).click();
    await page.locator('.filters').waitFor();
    expect(await page.locator('details.rollout').count()).toBe(3);
    await page.locator('select[name=decision]').selectOption('right');
    await page.getByRole('button', { name: 'show' }).click();
    await page.getByText('No rollout is like that.').waitFor();
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  },
);

it('finds rollouts of a training by text, and the other arm of their problem', async () => {
  const { page, complaints } = await openPages(browser, http, { width: 1440, colorScheme: 'light' });
  await page.goto(`http://${http.pageHost}/campaigns/em-run/rollouts?iteration=1&arm=code&grep=PRINT(`);
  await page.locator('details.rollout summary').first().click();
  await page.getByRole('link', { name: 'all arms' }).first().click();
  await page.getByRole('heading', { name: 'Rollouts: training 1' }).waitFor();
  expect(await page.locator('.arm-column').count()).toBe(2);
  expect(complaints).toEqual([]);
  await page.context().close();
});
