/** Server-sent events of pages and programs: a bounded number of streams, each of which ends with its access. */
import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { changesOf } from '../campaigns/changes.ts';
import { UseCaseError } from '../campaigns/use-case-error.ts';
import type { Watch } from '../campaigns/watch.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** Rejects once the request's token or session is no longer valid. Set by the server's authentication. */
    checkAccess: () => Promise<void>;
  }
}

/** Open streams of all clients together. A browser opens one for each page. */
const MOST_STREAMS = 32;

export interface EventStream {
  readonly source: Pick<Watch, 'listen'>;
  /** Default: changes of any campaign. */
  readonly campaignId?: string | undefined;
  readonly begin: (stream: SSEStreamingApi) => Promise<unknown>;
  readonly change: (stream: SSEStreamingApi, campaignIds: readonly string[]) => Promise<void>;
}

export class EventStreams {
  #open = 0;

  /** @throws UseCaseError `unavailable` when as many are open as may be */
  open(context: Context, { source, campaignId, begin, change }: EventStream): Response {
    if (context.req.method === 'HEAD') return context.body(null, 200, { 'content-type': 'text/event-stream' });
    if (this.#open >= MOST_STREAMS)
      throw new UseCaseError('unavailable', `${MOST_STREAMS} event streams are open, no more may be; close some pages`);
    this.#open += 1;
    return streamSSE(context, async (stream) => {
      const closed = new AbortController();
      stream.onAbort(() => closed.abort());
      try {
        const changes = changesOf(source, { campaignId, signal: closed.signal });
        await begin(stream);
        for await (const ids of changes) {
          if (!(await isStillAllowed(context))) return;
          if (ids.length === 0) await stream.write(': still here\n\n');
          else await change(stream, ids);
        }
      } finally {
        closed.abort();
        this.#open -= 1;
      }
    });
  }
}

const isStillAllowed = (context: Context): Promise<boolean> =>
  context
    .get('checkAccess')()
    .then(
      () => true,
      () => false,
    );
