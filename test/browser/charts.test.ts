import { readFile } from 'node:fs/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyFacts } from '../../src/db/apply-facts.ts';
import { openTestHttp, type TestHttp } from '../support/http.ts';
import { campaignStory, EM_SCORES, UPDATES } from './campaign-story.ts';
import { openPages } from './open-pages.ts';

let http: TestHttp;
let browser: Browser;
const STORY = { id: 'em-run', method: 'em', planned: 4, startMs: Date.now() - 200_000 } as const;

beforeAll(async () => {
  http = await openTestHttp();
  await applyFacts(http.db, await campaignStory({ ...STORY, store: http.store, scores: EM_SCORES.slice(0, 3) }));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(async () => {
  await browser.close();
  await http.close();
});

/** Number of pixels in the colour of a line: the grid is grey. */
const inkOf = (page: Page, id: string): Promise<number> =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('#${id} canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let ink = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [r, g, b, a] = data.slice(at, at + 4);
      if (a > 200 && Math.max(r, g, b) - Math.min(r, g, b) > 60) ink += 1;
    }
    return ink;
  })()`);

it.each([
  { width: 1440, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const)('draws accuracy by arm and every update, at $width pixels', async (options) => {
  const { page, complaints } = await openPages(browser, http, options);
  await page.goto(`http://${http.pageHost}/campaigns/em-run`);
  const training = page.locator('#accuracy-training');
  await training.locator('canvas').waitFor();
  expect(await inkOf(page, 'accuracy-training')).toBeGreaterThan(50);
  expect(await training.locator('.numbers').getAttribute('open')).toBeNull();
  await page.getByRole('link', { name: 'Every update of the trainings' }).click();
  const loss = page.locator('#update-loss');
  await loss.locator('canvas').waitFor();
  expect(await inkOf(page, 'update-loss')).toBeGreaterThan(50);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);

  const saved = page.waitForEvent('download');
  await loss.getByRole('button', { name: 'CSV' }).click();
  const lines = (await readFile(await (await saved).path(), 'utf8')).trim().split('\n');
  expect(lines[0]).toBe('"update","loss"');
  // Two iterations are done.
  expect(lines).toHaveLength(1 + 2 * UPDATES);
  expect(lines[1]).toBe('1,1.4');
  const picture = page.waitForEvent('download');
  await loss.getByRole('button', { name: 'PNG' }).click();
  expect((await readFile(await (await picture).path())).subarray(1, 4).toString()).toBe('PNG');

  const log = loss.getByRole('button', { name: 'Log' });
  await log.click();
  expect(await log.getAttribute('aria-pressed')).toBe('true');
  expect(complaints).toEqual([]);
  await page.context().close();
});

it('hides lines by mouse and keyboard, and keeps that when the page is updated', async () => {
  const { page, complaints } = await openPages(browser, http, { width: 1440, colorScheme: 'light' });
  await page.goto(`http://${http.pageHost}/campaigns/em-run`);
  await page.locator('#connection[data-state=live]').waitFor();
  const figure = page.locator('#accuracy-held-out');
  const auto = figure.locator('.u-series:not(.bound)').filter({ hasText: /^auto/ });
  await auto.locator('th').focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => auto.getAttribute('class')).toContain('u-off');
  const before = await figure.getAttribute('data-chart');
  const more = await campaignStory({ ...STORY, store: http.store, scores: EM_SCORES });
  await applyFacts(
    http.db,
    more.filter((fact) => fact.kind === 'evaluation'),
  );
  await expect.poll(() => figure.getAttribute('data-chart'), { timeout: 15_000 }).not.toBe(before);
  await expect.poll(() => auto.getAttribute('class')).toContain('u-off');
  expect(complaints).toEqual([]);
  await page.context().close();
});

it('shows the numbers as tables without script', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(await http.createLink());
  await page.getByRole('button', { name: 'Open the pages' }).click();
  await page.goto(`http://${http.pageHost}/campaigns/em-run/curves`);
  expect(await page.locator('#update-loss table').isVisible()).toBe(true);
  expect(await page.locator('#update-loss tbody tr').count()).toBe(2 * UPDATES);
  await context.close();
});
