import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHttp, type TestHttp } from '../support/http.ts';
import { accessibilityFaults } from './axe.ts';
import { openPages } from './open-pages.ts';
import { addCampaigns, idsOf, openShowcase, pagesOf } from './showcase.ts';

let http: TestHttp;
let browser: Browser;
let paths: ReturnType<typeof pagesOf>;

beforeAll(async () => {
  http = await openShowcase();
  await addCampaigns(http, 30);
  paths = pagesOf(await idsOf(http));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(async () => {
  await browser.close();
  await http.close();
});

describe.each([
  { width: 1440, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const)('at $width pixels, $colorScheme', (options) => {
  it('has no accessibility fault, complaint or sideways scrolling on any page', async () => {
    const { page, complaints } = await openPages(browser, http, options);
    const faults: Record<string, unknown> = {};
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(`http://${http.pageHost}${path}`, { waitUntil: 'load' });
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      const found = [...(await accessibilityFaults(page)), ...(overflow === 0 ? [] : [`${overflow} px too wide`])];
      if (found.length > 0) faults[name] = found;
    }
    expect(faults).toEqual({});
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

it('has no accessibility fault on the pages of a home without campaigns', async () => {
  const empty = await openTestHttp();
  const { page, complaints } = await openPages(browser, empty, { width: 1440, colorScheme: 'light' });
  for (const path of ['/', '/compare', '/checkpoints', '/nowhere']) {
    await page.goto(`http://${empty.pageHost}${path}`);
    expect(await accessibilityFaults(page), path).toEqual([]);
  }
  expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  await page.context().close();
  await empty.close();
});
