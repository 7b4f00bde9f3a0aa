/** `/events`: server-sent events; one `campaign` event for each change of a campaign. */
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { changesOf } from '../campaigns/changes.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { about } from './describe-route.ts';
import { eventsQuery } from './requests.ts';
import { query } from './validate.ts';

export const eventRoutes = ({ watch }: Pick<CampaignDeps, 'watch'>) =>
  new Hono().get(
    '/',
    about('One `campaign` event with the id of the campaign for each change', {
      answers: 'text/event-stream',
    }),
    query(eventsQuery),
    (context) => {
      const { campaign } = context.req.valid('query');
      return streamSSE(context, async (stream) => {
        const closed = new AbortController();
        stream.onAbort(() => closed.abort());
        const changes = changesOf(watch, { campaignId: campaign, signal: closed.signal });
        await stream.writeSSE({ event: 'ready', data: '{}' });
        for await (const ids of changes) {
          if (ids.length === 0) await stream.write(': still here\n\n');
          for (const id of ids) await stream.writeSSE({ event: 'campaign', data: JSON.stringify({ id }) });
        }
      });
    },
  );
