/** Pushes the sections of a page that changed, as server-sent events, to a browser that shows it. */
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Watch } from '../campaigns/watch.ts';
import type { RenderedSection } from './section.tsx';

/** Several facts often come together: wait this long and render once. */
const SETTLE_MS = 250;
const KEEP_ALIVE_MS = 15_000;

export interface PageEventsOptions {
  readonly watch: Watch;
  /** Undefined: of any campaign. */
  readonly campaignId?: string;
  readonly render: () => Promise<readonly RenderedSection[]>;
}

export function streamPageEvents(context: Context, { watch, campaignId, render }: PageEventsOptions): Response {
  return streamSSE(context, async (stream) => {
    let isChanged = true;
    let wake = () => {};
    const end = watch.listen((id) => {
      if (campaignId !== undefined && id !== campaignId) return;
      isChanged = true;
      wake();
    });
    stream.onAbort(() => {
      end();
      wake();
    });
    const sent = new Map<string, string>();
    while (!stream.aborted) {
      if (!isChanged) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, KEEP_ALIVE_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      if (stream.aborted) return;
      if (!isChanged) {
        await stream.write(': still here\n\n');
        continue;
      }
      isChanged = false;
      for (const section of await render()) {
        if (sent.get(section.id) === section.hash) continue;
        sent.set(section.id, section.hash);
        await stream.writeSSE({ event: 'section', data: JSON.stringify(section) });
      }
      await stream.sleep(SETTLE_MS);
    }
  });
}
