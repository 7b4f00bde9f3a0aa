/** The pages. */
import { Hono } from 'hono';
import { listCampaigns } from '../db/read-campaigns.ts';
import type { ServerDeps } from '../server/deps.ts';
import { Layout } from './layout.tsx';

export function pageRoutes(deps: ServerDeps): Hono {
  const routes = new Hono();
  routes.get('/', async (context) => {
    const campaigns = await listCampaigns(deps.db);
    return context.html(
      <Layout title="Campaigns">
        {campaigns.map((item) => (
          <p>{item.id}</p>
        ))}
      </Layout>,
    );
  });
  return routes;
}
