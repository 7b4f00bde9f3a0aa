import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { EventStreams } from '../../../src/api/event-streams.ts';
import type { Watch, WatchListener } from '../../../src/campaigns/watch.ts';
import { PageFeeds } from '../../../src/web/page-feeds.ts';
import { readStream } from '../../support/read-stream.ts';

/** A page whose one section has the number of its rendering. */
function openPage() {
  const listeners = new Set<WatchListener>();
  const watch: Watch = {
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    liveStatus: () => undefined,
    close: () => undefined,
  };
  const feeds = new PageFeeds(watch, new EventStreams());
  const page = { renderings: 0, content: 'first', fails: false, listeners };
  const render = async () => {
    page.renderings += 1;
    await new Promise((done) => setTimeout(done, 20));
    if (page.fails) throw new Error('the database is away');
    return [
      { id: 'same', hash: 'same', html: 'same' },
      { id: 'part', hash: page.content, html: page.content },
    ];
  };
  const app = new Hono().get('/', (context) => {
    context.set('checkAccess', async () => undefined);
    return feeds.open(context, 'em', render);
  });
  const open = async (count: number) =>
    Promise.all(Array.from({ length: count }, async () => readStream(await app.request('/'))));
  const change = (content: string, id = 'em') => {
    page.content = content;
    for (const listener of listeners) listener(id);
  };
  return { page, open, change };
}

it('renders once for all who come at once and once for a change, and sends only what changed', async () => {
  const { page, open, change } = openPage();
  const streams = await open(20);
  await Promise.all(streams.map((stream) => stream.until(/"hash":"first"/)));
  expect([page.renderings, page.listeners.size]).toEqual([1, 1]);
  change('second');
  const texts = await Promise.all(streams.map((stream) => stream.until(/"hash":"second"/)));
  expect(page.renderings).toBe(2);
  for (const text of texts) expect(text).not.toContain('same');
});

it('sends a change that comes during a rendering with the next one', async () => {
  const { page, open, change } = openPage();
  const [stream] = await open(1);
  await stream?.until(/"hash":"first"/);
  change('second');
  await new Promise((done) => setTimeout(done, 5));
  change('third');
  await stream?.until(/"hash":"third"/);
  expect(page.renderings).toBeLessThanOrEqual(3);
});

it('does not render for changes of other campaigns', async () => {
  const { page, open, change } = openPage();
  const [stream] = await open(1);
  await stream?.until(/"hash":"first"/);
  change('second', 'rl');
  await new Promise((done) => setTimeout(done, 50));
  expect(page.renderings).toBe(1);
});

it('ends the streams where a rendering fails, so that browsers connect again, and serves them then', async () => {
  const { page, open, change } = openPage();
  const [stream] = await open(1);
  await stream?.until(/"hash":"first"/);
  page.fails = true;
  change('second');
  await stream?.rest();
  expect(page.listeners.size).toBe(0);
  page.fails = false;
  await new Promise((done) => setTimeout(done, 300));
  const [again] = await open(1);
  await again?.until(/"hash":"second"/);
});
