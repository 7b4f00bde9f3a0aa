/** Style sheets and scripts of the pages, served from memory. The pages load nothing from other servers. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Hono } from 'hono';

const CSS = 'text/css; charset=utf-8';
const JAVASCRIPT = 'text/javascript; charset=utf-8';

const OWN = {
  'page.css': CSS,
  'decisions.css': CSS,
  'charts.css': CSS,
  'forms.css': CSS,
  'live.js': JAVASCRIPT,
  'charts.js': JAVASCRIPT,
  'forms.js': JAVASCRIPT,
  'icon.svg': 'image/svg+xml',
} as const;

/** Files of packages by their names here. */
const OF_PACKAGES = {
  'uPlot.esm.js': { path: 'uplot/dist/uPlot.esm.js', type: JAVASCRIPT },
  'uPlot.min.css': { path: 'uplot/dist/uPlot.min.css', type: CSS },
} as const;

export function assetRoutes(): Hono {
  const { resolve } = createRequire(import.meta.url);
  const files = [
    ...Object.entries(OWN).map(([name, type]) => ({ name, type, file: new URL(`./assets/${name}`, import.meta.url) })),
    ...Object.entries(OF_PACKAGES).map(([name, { path, type }]) => ({ name, type, file: resolve(path) })),
  ];
  const routes = new Hono();
  for (const { name, type, file } of files) {
    const bytes = new Uint8Array(readFileSync(file));
    routes.get(`/${name}`, (context) => {
      context.header('content-type', type);
      context.header('cache-control', 'no-cache');
      return context.body(bytes);
    });
  }
  return routes;
}
