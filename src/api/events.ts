/** `/events`: server-sent events; one `campaign` event for each change of a campaign. */
import { Hono } from 'hono';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { about } from './describe-route.ts';
import type { EventStreams } from './event-streams.ts';
import { eventsQuery } from './requests.ts';
import { query } from './validate.ts';

export const eventRoutes = ({ watch }: Pick<CampaignDeps, 'watch'>, streams: EventStreams) =>
  new Hono().get(
    '/',
    about('One `campaign` event with the id of the campaign for each change', {
      answers: 'text/event-stream',
    }),
    query(eventsQuery),
    (context) =>
      streams.open(context, {
        source: watch,
        campaignId: context.req.valid('query').campaign,
        begin: (stream) => stream.writeSSE({ event: 'ready', data: '{}' }),
        change: async (stream, ids) => {
          for (const id of ids) await stream.writeSSE({ event: 'campaign', data: JSON.stringify({ id }) });
        },
      }),
  );
