/**
 * Pictures of every page for the documentation, of a made-up home with runs in every state.
 *
 * npx tsx test/bench/page-pictures.ts [FOLDER, default docs/images/pages]
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { openPages } from '../browser/open-pages.ts';
import { idsOf, openShowcase, pagesOf } from '../browser/showcase.ts';

const [folder = 'docs/images/pages'] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const http = await openShowcase();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const pages = pagesOf(await idsOf(http));
for (const [suffix, options] of [
  ['', { width: 1440, colorScheme: 'light' }],
  ['-phone', { width: 390, colorScheme: 'dark' }],
] as const) {
  const { page } = await openPages(browser, http, options);
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(`http://${http.pageHost}${path}`);
    if ((await page.locator('figure[data-chart]').count()) > 0) await page.locator('.chart .u-wrap').first().waitFor();
    const [longest] = suffix === '' ? [1800] : [2400];
    const height = Math.min(longest, (await page.evaluate('document.documentElement.scrollHeight')) as number);
    await page.screenshot({
      path: join(folder, `${name}${suffix}.png`),
      clip: { x: 0, y: 0, width: options.width, height },
      fullPage: true,
    });
  }
}
await browser.close();
await http.close();
