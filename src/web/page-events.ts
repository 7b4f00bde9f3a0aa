/** Pushes the changed sections of a page to the browser as server-sent events. */
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { changesOf } from '../campaigns/changes.ts';
import type { Watch } from '../campaigns/watch.ts';
import type { RenderedSection } from './section.tsx';

/** Delay that combines facts in quick succession into one rendering. */
const SETTLE_MS = 250;

export interface PageEventsOptions {
  readonly watch: Watch;
  /** Undefined: of any campaign. */
  readonly campaignId?: string;
  readonly render: () => Promise<readonly RenderedSection[]>;
}

export function streamPageEvents(context: Context, { watch, campaignId, render }: PageEventsOptions): Response {
  return streamSSE(context, async (stream) => {
    const closed = new AbortController();
    stream.onAbort(() => closed.abort());
    const changes = changesOf(watch, { campaignId, signal: closed.signal });
    const sent = new Map<string, string>();
    const sendChanged = async (): Promise<void> => {
      for (const section of await render()) {
        if (sent.get(section.id) === section.hash) continue;
        sent.set(section.id, section.hash);
        await stream.writeSSE({ event: 'section', data: JSON.stringify(section) });
      }
      await stream.sleep(SETTLE_MS);
    };
    await sendChanged();
    for await (const ids of changes) {
      if (ids.length === 0) await stream.write(': still here\n\n');
      else await sendChanged();
    }
  });
}
