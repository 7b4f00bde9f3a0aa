/** Descriptions of a route's handlers, for the OpenAPI document. */
import type { MiddlewareHandler } from 'hono';
import type { z } from 'zod';

/** Part of a request, under hono's name for it. */
export type Part = 'json' | 'query' | 'param';

export interface RouteDescription {
  /** A sentence for people. */
  readonly summary?: string;
  /** Schemas of the parts of a request. */
  readonly takes?: Partial<Readonly<Record<Part, z.ZodType>>>;
  /** Media type of the answer; default: JSON. */
  readonly answers?: string;
}

const DESCRIPTION = Symbol('description of a route');

/** Adds a description to a handler. */
export const describes = <H extends MiddlewareHandler>(description: RouteDescription, handler: H): H =>
  Object.assign(handler, { [DESCRIPTION]: description });

/** The description of a handler; undefined if it has none. */
export const descriptionOf = (handler: object): RouteDescription | undefined =>
  (handler as { readonly [DESCRIPTION]?: RouteDescription })[DESCRIPTION];

/** Middleware that does nothing but describe its route. */
export const about = (summary: string, rest: Omit<RouteDescription, 'summary' | 'takes'> = {}): MiddlewareHandler =>
  describes({ summary, ...rest }, (_context, next) => next());
