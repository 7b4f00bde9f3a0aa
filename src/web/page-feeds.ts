/** Live pages: each is rendered once for a change, for all its streams, and the changed sections are sent. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'hono';
import type { SSEStreamingApi } from 'hono/streaming';
import type { EventStreams } from '../api/event-streams.ts';
import { changesOf } from '../campaigns/changes.ts';
import type { Watch, WatchListener } from '../campaigns/watch.ts';
import type { RenderedSection } from './section.tsx';

type Render = () => Promise<readonly RenderedSection[]>;

interface Rendering {
  readonly sections: ReturnType<Render>;
  /** Absent while it is under way. */
  doneMs?: number;
}

/** Time that combines facts in quick succession, and readers who come at once, into one rendering. */
const SETTLE_MS = 250;

export class PageFeeds {
  readonly #watch: Watch;
  readonly #streams: EventStreams;
  readonly #feeds = new Map<string, PageFeed>();

  constructor(watch: Watch, streams: EventStreams) {
    this.#watch = watch;
    this.#streams = streams;
  }

  /** @param campaignId - Undefined: a page about all campaigns */
  open(context: Context, campaignId: string | undefined, render: Render): Response {
    const key = campaignId ?? '';
    const feed = this.#feeds.get(key) ?? new PageFeed(this.#watch, campaignId, render);
    this.#feeds.set(key, feed);
    const sent = new Map<string, string>();
    const send = async (stream: SSEStreamingApi): Promise<void> => {
      for (const section of await feed.sections()) {
        if (sent.get(section.id) === section.hash) continue;
        sent.set(section.id, section.hash);
        await stream.writeSSE({ event: 'section', data: JSON.stringify(section) });
      }
    };
    return this.#streams.open(context, { source: feed, begin: send, change: send });
  }
}

/** Renderings of one page. It follows the campaigns while somebody listens, and announces each new rendering. */
class PageFeed implements Pick<Watch, 'listen'> {
  readonly #watch: Watch;
  readonly #campaignId: string | undefined;
  readonly #render: Render;
  readonly #listeners = new Set<WatchListener>();
  #following = new AbortController();
  #latest: Rendering | undefined;

  constructor(watch: Watch, campaignId: string | undefined, render: Render) {
    this.#watch = watch;
    this.#campaignId = campaignId;
    this.#render = render;
  }

  listen(listener: WatchListener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) {
      this.#following = new AbortController();
      void this.#follow(this.#following.signal);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#following.abort();
    };
  }

  /** The latest rendering if it is under way or just done, else another one. */
  sections(): ReturnType<Render> {
    const { sections, doneMs = performance.now() } = this.#latest ?? {};
    return sections !== undefined && performance.now() - doneMs < SETTLE_MS ? sections : this.#renderAgain();
  }

  #renderAgain(): ReturnType<Render> {
    const latest: Rendering = { sections: this.#render() };
    const done = (): void => {
      latest.doneMs = performance.now();
    };
    latest.sections.then(done, done);
    this.#latest = latest;
    return latest.sections;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for await (const ids of changesOf(this.#watch, { campaignId: this.#campaignId, signal })) {
      if (ids.length === 0) continue;
      // A failure reaches the readers, who ask for the same rendering.
      await this.#renderAgain().catch(() => undefined);
      for (const listener of this.#listeners) listener(this.#campaignId ?? '');
      await sleep(SETTLE_MS);
    }
  }
}
