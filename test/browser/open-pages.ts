import type { Browser, Page } from 'playwright-core';
import type { TestHttp } from '../support/http.ts';

export interface OpenPage {
  readonly page: Page;
  /** Console errors, failed requests and refused content. */
  readonly complaints: string[];
}

/** A signed-in page in a context of its own, on the list of campaigns. */
export async function openPages(
  browser: Browser,
  http: TestHttp,
  options: { readonly width: number; readonly colorScheme: 'light' | 'dark' },
): Promise<OpenPage> {
  const { width, colorScheme } = options;
  const pages = `http://${http.pageHost}`;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  // A busy machine is slow and not wrong.
  page.setDefaultTimeout(180_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(pages)) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(await http.createLink());
  await page.getByRole('button', { name: 'Open the pages' }).click();
  await page.waitForURL(`${pages}/`);
  return { page, complaints };
}
