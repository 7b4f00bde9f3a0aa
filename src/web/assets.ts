/** The style sheet and the script of the pages, served from memory. The pages load nothing from other servers. */
import { readFileSync } from 'node:fs';
import { Hono } from 'hono';

const ASSETS = {
  'page.css': 'text/css; charset=utf-8',
  'decisions.css': 'text/css; charset=utf-8',
  'live.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;

export function assetRoutes(): Hono {
  const routes = new Hono();
  for (const [name, type] of Object.entries(ASSETS)) {
    const bytes = readFileSync(new URL(`./assets/${name}`, import.meta.url));
    routes.get(`/${name}`, (context) => {
      context.header('content-type', type);
      context.header('cache-control', 'no-cache');
      return context.body(new Uint8Array(bytes));
    });
  }
  return routes;
}
