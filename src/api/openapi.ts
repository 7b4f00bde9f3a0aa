/** Generates the OpenAPI document from the routes and the schemas of their requests. */
import type { RouterRoute } from 'hono/types';
import { z } from 'zod';
import { descriptionOf, type RouteDescription } from './describe-route.ts';
import { ERROR_CODES } from './errors.ts';

type JsonSchema = Readonly<Record<string, unknown>> & {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
};

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly description: RouteDescription;
}

/** @param routes - Of an app that is mounted at `base`; those without a description are middleware */
export function openApiDocument(routes: readonly RouterRoute[], base = '/api') {
  const paths: Record<string, Record<string, object>> = {};
  for (const { path, method, description } of operationsOf(routes)) {
    const address = `${base}${path.replace(/\/$/, '')}`.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}');
    paths[address] = { ...paths[address], [method.toLowerCase()]: describeOperation(address, description) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Whencode', version: '1', description: 'Campaigns that teach a language model when to write code.' },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The file `token` in the home folder' },
      },
      responses: { Error: { description: 'What was wrong and what to do', content: json(ERROR_SCHEMA) } },
    },
  };
}

const ERROR_SCHEMA = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { enum: ERROR_CODES }, message: { type: 'string' } },
    },
  },
};

const json = (schema: object) => ({ 'application/json': { schema } });

/** Merges the descriptions of a route's handlers. */
function operationsOf(routes: readonly RouterRoute[]): Operation[] {
  const operations = new Map<string, Operation>();
  for (const { path, method, handler } of routes) {
    const more = descriptionOf(handler);
    if (more === undefined) continue;
    const key = `${method} ${path}`;
    const before = operations.get(key)?.description;
    const takes = { ...before?.takes, ...more.takes };
    operations.set(key, { path, method, description: { ...before, ...more, takes } });
  }
  return [...operations.values()];
}

function describeOperation(address: string, { summary, takes = {}, answers }: RouteDescription): object {
  const inPath = takes.param === undefined ? {} : schemaOf(takes.param).properties;
  const names = [...address.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
  const query = takes.query === undefined ? {} : schemaOf(takes.query);
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: inPath?.[name] ?? { type: 'string' } })),
    ...Object.entries(query.properties ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      required: query.required?.includes(name) ?? false,
      schema,
    })),
  ];
  return {
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(takes.json === undefined ? {} : { requestBody: { content: json(schemaOf(takes.json)) } }),
    responses: {
      '2XX': { description: 'Done', content: { [answers ?? 'application/json']: {} } },
      default: { $ref: '#/components/responses/Error' },
    },
  };
}

/** The input side of a schema: fields with defaults are optional. */
function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest as JsonSchema;
}
