import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApi } from '../../../src/api/api.ts';
import { descriptionOf } from '../../../src/api/describe-route.ts';
import { openApiDocument } from '../../../src/api/openapi.ts';
import type { CampaignDeps } from '../../../src/campaigns/deps.ts';

/** Routes are listed and described, never called. */
const api = createApi({} as CampaignDeps, { createLink: async () => '' });
const document = JSON.parse(JSON.stringify(openApiDocument(api.routes))) as Document;

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Readonly<Record<string, object>>;
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Every value under a `$ref` key, however deep. */
function refsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => (key === '$ref' ? [String(item)] : refsOf(item)));
}

const schemaOf = (path: string) => {
  const schema = document.paths[path]?.post?.requestBody?.content['application/json'].schema;
  if (schema === undefined) throw new Error(`${path} takes no body`);
  return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
};

describe('openapi.json', () => {
  it('names every route of the API, by the address that answers, and nothing else', () => {
    const routes = new Set(
      api.routes.map(({ method, path }) => `${method.toLowerCase()} /api${path.replace(/\/$/, '')}`),
    );
    const patterns = operations.map(({ path, method }) => ({
      method,
      pattern: new RegExp(`^/api${path.slice('/api'.length).replace(/\{(\w+)\}/g, ':$1(\\{[^}]*\\})?')}$`),
    }));
    const fits = (route: string) => {
      const [method, path = ''] = route.split(' ');
      return patterns.filter((item) => item.method === method && item.pattern.test(path));
    };
    expect(routes.size).toBeGreaterThan(35);
    for (const route of routes) expect(fits(route), route).toHaveLength(1);
    expect(operations).toHaveLength(routes.size);
  });

  it('describes every operation: a summary, its answers, and the parameters that its address holds', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    for (const { path, method, operation } of operations) {
      const what = `${method} ${path}`;
      expect(operation.summary?.length ?? 0, what).toBeGreaterThan(10);
      expect(Object.keys(operation.responses), what).toEqual(['2XX', 'default']);
      const inPath = (operation.parameters ?? []).filter((item) => item.in === 'path').map(({ name }) => name);
      expect(inPath, what).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
  });

  it('has no reference that leads nowhere', () => {
    for (const ref of refsOf(document)) {
      const found = ref
        .replace(/^#\//, '')
        .split('/')
        .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
      expect(found, ref).toBeDefined();
    }
  });

  it('takes and refuses what the routes take and refuse', () => {
    const stop = schemaOf('/api/campaigns/{id}/stop');
    expect([{}, { when: 'now', by: 'ada', requestId: '1' }].map((body) => stop.safeParse(body).success)).toEqual([
      true,
      true,
    ]);
    expect([{ when: 'later' }, { whem: 'now' }, { by: '' }].map((body) => stop.safeParse(body).success)).toEqual([
      false,
      false,
      false,
    ]);
    const campaign = { name: 'a', model: '/m', template: 'testbed', iterations: 1, problems: [{ from: 'testbed' }] };
    expect(schemaOf('/api/campaigns').safeParse(campaign).success).toBe(true);
    expect(schemaOf('/api/campaigns').safeParse({ ...campaign, iterations: -1 }).success).toBe(false);
  });

  it('would miss a route without a description', () => {
    const undescribed = createApi({} as CampaignDeps, { createLink: async () => '' }).get('/new', (context) =>
      context.text(''),
    );
    const added = undescribed.routes.find(({ path }) => path === '/new');
    expect(added && descriptionOf(added.handler)).toBeUndefined();
    expect(Object.keys(openApiDocument(undescribed.routes).paths)).not.toContain('/api/new');
  });
});
