/** `/events`: server-sent events; one `campaign` event whenever something of a campaign changed. */
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { CampaignDeps } from '../campaigns/deps.ts';

const KEEP_ALIVE_MS = 15_000;

export function eventRoutes(deps: CampaignDeps): Hono {
  const routes = new Hono();

  routes.get('/', (context) => {
    const only = context.req.query('campaign');
    return streamSSE(context, async (stream) => {
      const changed = new Set<string>();
      let wake = () => {};
      const end = deps.watch.listen((id) => {
        if (only !== undefined && only !== id) return;
        changed.add(id);
        wake();
      });
      stream.onAbort(() => {
        end();
        wake();
      });
      await stream.writeSSE({ event: 'ready', data: '{}' });
      while (!stream.aborted) {
        if (changed.size === 0) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, KEEP_ALIVE_MS);
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
        const ids = [...changed];
        changed.clear();
        for (const id of ids) await stream.writeSSE({ event: 'campaign', data: JSON.stringify({ id }) });
        if (ids.length === 0 && !stream.aborted) await stream.write(': still here\n\n');
      }
    });
  });

  return routes;
}
