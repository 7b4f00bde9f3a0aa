import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyFacts } from '../../src/db/apply-facts.ts';
import { rotateToken } from '../../src/process/control-address.ts';
import { openTestHttp, type TestHttp } from '../support/http.ts';
import { campaignStory, EM_SCORES, RL_SCORES } from './campaign-story.ts';
import { type OpenPage, openPages } from './open-pages.ts';

const HOSTILE = '<img src=x onerror="window.stolen=1"><script>window.stolen=1</script></pre><b id="bold">bold</b>';

let http: TestHttp;
let browser: Browser;
/** Where the browser finds the pages. */
let pages: string;

beforeAll(async () => {
  http = await openTestHttp();
  pages = `http://${http.pageHost}`;
  const em = { store: http.store, id: 'em-run', method: 'em', planned: 4, startMs: Date.now() - 200_000 } as const;
  await applyFacts(http.db, await campaignStory({ ...em, scores: EM_SCORES.slice(0, 1), modelText: HOSTILE }));
  const rl = { store: http.store, id: 'rl-run', method: 'rl', planned: 4, startMs: Date.now() - 400_000 } as const;
  await applyFacts(http.db, await campaignStory({ ...rl, scores: RL_SCORES }));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(async () => {
  await browser.close();
  await http.close();
});

const open = (options: Parameters<typeof openPages>[2]): Promise<OpenPage> => openPages(browser, http, options);

describe.each([
  { width: 1440, colorScheme: 'light' },
  { width: 1440, colorScheme: 'dark' },
  { width: 390, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const)('at $width pixels, $colorScheme', (options) => {
  it('shows every page without a complaint and without scrolling sideways', async () => {
    const { page, complaints } = await open(options);
    for (const path of [
      '/',
      '/campaigns/rl-run',
      '/compare?campaigns=em-run,rl-run',
      '/campaigns/rl-run/rollouts?grade=correct',
    ]) {
      await page.goto(pages + path);
      await page.locator('main h1').waitFor();
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(overflow, path).toBeLessThanOrEqual(0);
    }
    await page.goto(`${pages}/campaigns/rl-run`);
    const charts = page.locator('.chart .u-wrap');
    await charts.first().waitFor();
    expect(await charts.count()).toBe(3);
    expect(await charts.first().getAttribute('aria-label')).toContain('auto from 40.0 % to 35.0 %');
    const contrast = await page.evaluate(CONTRAST);
    expect(contrast).toBeGreaterThanOrEqual(4.5);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

/** Smallest contrast of a text against the page or panel behind it (WCAG 2: at least 4.5). */
const CONTRAST = `(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (item) => { for (let at = item; at; at = at.parentElement) { const color = parse(getComputedStyle(at).backgroundColor); if (color.length < 4 || color[3] > 0.9) return color; } return [255, 255, 255]; };
  let least = 21;
  for (const item of document.querySelectorAll('main *')) {
    if (![...item.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '') || item.checkVisibility?.() === false) continue;
    const style = getComputedStyle(item);
    const ink = parse(item instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [luminance(ink), luminance(behind(item))];
    least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return least;
})()`;

it('pushes what changed into the open page and keeps what the reader has opened', async () => {
  const { page, complaints } = await open({ width: 1440, colorScheme: 'light' });
  await page.goto(`${pages}/campaigns/em-run`);
  await page.locator('#connection[data-state=live]').waitFor();
  expect(await page.locator('#evaluations tbody tr').count()).toBe(1);
  await page.locator('details.rollout summary').first().click();
  const opened = await page.locator('details.rollout').first().getAttribute('data-key');

  const story = { store: http.store, id: 'em-run', method: 'em', planned: 4, startMs: Date.now() - 200_000 } as const;
  const more = await campaignStory({ ...story, scores: EM_SCORES.slice(0, 2), modelText: HOSTILE });
  await applyFacts(
    http.db,
    more.filter((fact) => fact.kind === 'evaluation' || fact.kind === 'checkpoint'),
  );

  await page.locator('#evaluations tbody tr').nth(1).waitFor();
  expect(await page.locator('#evaluations tbody tr').nth(1).textContent()).toContain('68.0');
  expect(await page.locator('#lineage li').count()).toBe(2);
  expect(await page.locator(`details.rollout[data-key="${opened}"]`).getAttribute('open')).not.toBeNull();
  expect(complaints).toEqual([]);
  await page.context().close();
});

it('shows what a model or its code wrote as text, never as markup', async () => {
  const { page, complaints } = await open({ width: 1440, colorScheme: 'light' });
  await page.goto(`${pages}/campaigns/em-run/rollouts?iteration=1&limit=500`);
  const hostile = page.locator('.transcript, pre').filter({ hasText: 'window.stolen' });
  // The CoT rollout's transcript; the code rollout's code and its output.
  expect(await hostile.count()).toBe(3);
  expect(await hostile.first().textContent()).toContain(HOSTILE);
  expect(await page.locator('#bold, main img, main script').count()).toBe(0);
  expect(await page.evaluate('window.stolen')).toBeUndefined();
  expect(complaints).toEqual([]);
  await page.context().close();
});

it('says what to do when a page is opened without the link, and after signing out', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const response = await page.goto(`${pages}/campaigns/em-run`);
  expect(response?.status()).toBe(401);
  expect(await page.locator('main').textContent()).toContain('whencode open');
  await context.close();

  const signedIn = await open({ width: 390, colorScheme: 'light' });
  await signedIn.page.getByRole('button', { name: 'Sign out' }).click();
  await signedIn.page.getByRole('heading', { name: 'Signed out' }).waitFor();
  expect((await signedIn.page.goto(`${pages}/`))?.status()).toBe(401);
  expect(await signedIn.page.context().cookies()).toEqual([]);
  await signedIn.page.context().close();
});

it('says on an open page that it is no longer live when its session has ended', async () => {
  const { page } = await open({ width: 1440, colorScheme: 'light' });
  await page.goto(`${pages}/campaigns/rl-run`);
  await page.locator('#connection[data-state=live]').waitFor();
  await rotateToken(http.home);
  http.db.announce(new Set(['rl-run']));
  await page.getByText('not live: reload').waitFor();
  expect((await page.reload())?.status()).toBe(401);
  await page.context().close();
});

it('gives its cookie to no page of another port, whatever that is called', async () => {
  const got: string[] = [];
  const other = createServer((request, response) => {
    got.push(request.headers.cookie ?? '');
    response.setHeader('content-type', 'text/html');
    response.end('<img src="/image"><iframe src="/frame"></iframe><script>fetch("/script")</script>');
  });
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  const { page } = await open({ width: 1440, colorScheme: 'light' });
  const names = ['127.0.0.1', 'localhost', 'other.localhost', 'whencode-0123456789abcdef01234567.localhost'];
  for (const name of names) await page.goto(`http://${name}:${port}/`, { waitUntil: 'networkidle' });
  expect(got.length).toBeGreaterThan(2 * names.length);
  expect(got.filter((cookie) => cookie !== '')).toEqual([]);
  // The session goes on where it belongs.
  expect((await page.goto(`${pages}/`))?.status()).toBe(200);
  await page.context().close();
  other.close();
});

it('shows no page to another origin, and takes no change from one', async () => {
  const { page } = await open({ width: 1440, colorScheme: 'light' });
  const attack = `<img src="${pages}/"><iframe src="${pages}/"></iframe><form method="post" action="${pages}/logout"><button>go</button></form>`;
  const other = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(attack);
  });
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  await page.goto(`http://localhost:${port}/`, { waitUntil: 'networkidle' });
  const answered = page.waitForResponse(`${pages}/logout`);
  await page.getByRole('button', { name: 'go' }).click();
  expect((await answered).status()).toBe(401);
  expect((await page.goto(`${pages}/`))?.status()).toBe(200);
  await page.context().close();
  other.close();
});
