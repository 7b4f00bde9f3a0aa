/** From rows to the JSON that is shown. */
import { withCurrentMetrics } from '../protocol/evaluation-metrics.ts';
import type { evaluations } from './schema.ts';
import type { EvaluationView } from './views.ts';

export const instantOf = (at: Date): string => at.toISOString();

/** Undefined while there is no end. */
export function secondsBetween(start: Date, end: Date | null): number | undefined {
  return end === null ? undefined : Math.max(0, end.getTime() - start.getTime()) / 1000;
}

type Given<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Leaves out fields that are null or undefined, so that they are absent in JSON and in types. */
export function optional<T extends Record<string, unknown>>(values: T): Given<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  ) as Given<T>;
}

export function evaluationView(row: typeof evaluations.$inferSelect, iteration?: number): EvaluationView {
  return {
    id: row.id,
    checkpoint: row.checkpoint,
    suite: row.suite,
    status: row.status,
    startedAt: instantOf(row.startedAt),
    ...optional({
      iteration,
      manifest: row.manifest,
      metrics: row.metrics === null ? undefined : withCurrentMetrics(row.metrics),
      reason: row.reason,
      endedAt: row.endedAt === null ? undefined : instantOf(row.endedAt),
      seconds: secondsBetween(row.startedAt, row.endedAt),
    }),
  };
}
