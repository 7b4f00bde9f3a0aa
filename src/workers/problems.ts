import { ConfigError } from '../config/config-error.ts';
import { type ResolveOptions, resolveProblems } from '../datasets/resolve.ts';
import type { ResolveProblems } from '../steps/describe-evaluation.ts';

/**
 * Resolves the problems of a campaign file, in its order. An unresolvable one is bad input, with the message of the
 * datasets room.
 */
export function createProblemResolver(options: Omit<ResolveOptions, 'seed'>): ResolveProblems {
  return async (sources, seed) => {
    const parts = await Promise.all(
      sources.map((source) =>
        resolveProblems(source, { ...options, seed }).catch((error: unknown) => {
          throw new ConfigError(error instanceof Error ? error.message : String(error));
        }),
      ),
    );
    return parts.flatMap(({ problems }) => problems);
  };
}
