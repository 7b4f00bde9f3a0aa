/** What a route's handlers say of it, for the OpenAPI document. */
import type { MiddlewareHandler } from 'hono';
import type { z } from 'zod';

/** Part of a request, by the name that hono gives it. */
export type Part = 'json' | 'query' | 'param';

export interface RouteDescription {
  /** A sentence for people. */
  readonly summary?: string;
  /** Schemas of what a request brings. */
  readonly takes?: Partial<Readonly<Record<Part, z.ZodType>>>;
  /** Media type of the answer; default: JSON. */
  readonly answers?: string;
}

const DESCRIPTION = Symbol('description of a route');

/** Adds a description to a handler. */
export const describes = <H extends MiddlewareHandler>(description: RouteDescription, handler: H): H =>
  Object.assign(handler, { [DESCRIPTION]: description });

/** Undefined for a handler without one. */
export const descriptionOf = (handler: object): RouteDescription | undefined =>
  (handler as { readonly [DESCRIPTION]?: RouteDescription })[DESCRIPTION];

/** A step of a route that only describes it. */
export const about = (summary: string, rest: Omit<RouteDescription, 'summary' | 'takes'> = {}): MiddlewareHandler =>
  describes({ summary, ...rest }, (_context, next) => next());
