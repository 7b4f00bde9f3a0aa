/** Reads checkpoints and evaluations across campaigns. */
import { and, desc, eq, like } from 'drizzle-orm';
import type { Database } from './database.ts';
import { evaluationView, instantOf, optional } from './row-views.ts';
import { campaignEvaluations, campaigns, checkpointMarks, checkpoints, evaluations } from './schema.ts';
import type { CheckpointView, EvaluationView } from './views.ts';

/** Newest first, of all campaigns or of one. Collected files may have been recomputed: only the store shows that. */
export async function listCheckpoints(db: Database, campaignId?: string): Promise<CheckpointView[]> {
  const rows = await db.orm
    .select({ row: checkpoints, mark: checkpointMarks, forkedFrom: campaigns.forkedFrom })
    .from(checkpoints)
    .leftJoin(checkpointMarks, eq(checkpointMarks.digest, checkpoints.digest))
    .leftJoin(campaigns, eq(campaigns.id, checkpoints.campaignId))
    .where(campaignId === undefined ? undefined : eq(checkpoints.campaignId, campaignId))
    .orderBy(desc(checkpoints.createdAt), checkpoints.campaignId, desc(checkpoints.iteration), checkpoints.digest);
  return rows.map(({ row, mark, forkedFrom }) => ({
    digest: row.digest,
    campaignId: row.campaignId,
    iteration: row.iteration,
    ...optional({
      parent: row.parent,
      pinned: mark?.pinned === true ? (true as const) : undefined,
      collectedAt: mark?.collectedAt == null ? undefined : instantOf(mark.collectedAt),
      forkedFrom:
        forkedFrom?.checkpoint === row.digest && forkedFrom.iteration === row.iteration
          ? `${forkedFrom.campaignId}/${forkedFrom.iteration}`
          : undefined,
    }),
    createdAt: instantOf(row.createdAt),
  }));
}

/** Digests of known checkpoints that begin with the given hex digits (with or without `sha256:`). */
export async function findCheckpoints(db: Database, prefix: string): Promise<string[]> {
  const hex = prefix.replace(/^sha256:/, '').toLowerCase();
  if (!/^[0-9a-f]+$/.test(hex)) return [];
  const rows = await db.orm
    .selectDistinct({ digest: checkpoints.digest })
    .from(checkpoints)
    .where(like(checkpoints.digest, `sha256:${hex}%`))
    .orderBy(checkpoints.digest);
  return rows.map((row) => row.digest);
}

export async function findCheckpointOfIteration(
  db: Database,
  campaignId: string,
  iteration: number,
): Promise<string | undefined> {
  const [row] = await db.orm
    .select({ digest: checkpoints.digest })
    .from(checkpoints)
    .where(and(eq(checkpoints.campaignId, campaignId), eq(checkpoints.iteration, iteration)))
    .orderBy(desc(checkpoints.createdAt), checkpoints.digest);
  return row?.digest;
}

export async function readEvaluation(db: Database, id: string): Promise<EvaluationView | undefined> {
  const [row] = await db.orm.select().from(evaluations).where(eq(evaluations.id, id));
  return row === undefined ? undefined : evaluationView(row);
}

/** Campaigns that asked for an evaluation, oldest first; without an iteration where it was asked for on demand. */
export async function readRequesters(
  db: Database,
  evaluationId: string,
): Promise<{ readonly campaignId: string; readonly iteration?: number }[]> {
  const rows = await db.orm
    .select({ campaignId: campaignEvaluations.campaignId, iteration: campaignEvaluations.iteration })
    .from(campaignEvaluations)
    .innerJoin(campaigns, eq(campaigns.id, campaignEvaluations.campaignId))
    .where(eq(campaignEvaluations.evaluationId, evaluationId))
    .orderBy(campaigns.createdAt, campaigns.id, campaignEvaluations.iteration);
  return rows.map(({ campaignId, iteration }) => ({ campaignId, ...(iteration < 0 ? {} : { iteration }) }));
}

/** Newest first; of one checkpoint, or all. */
export async function listEvaluations(db: Database, checkpoint?: string): Promise<EvaluationView[]> {
  const [rows, asking] = await Promise.all([
    db.orm
      .select()
      .from(evaluations)
      .where(checkpoint === undefined ? undefined : eq(evaluations.checkpoint, checkpoint))
      .orderBy(desc(evaluations.startedAt), evaluations.id),
    db.orm
      .select()
      .from(campaignEvaluations)
      .orderBy(campaignEvaluations.campaignId, campaignEvaluations.iteration, campaignEvaluations.evaluationId),
  ]);
  return rows.map((row) => ({
    ...evaluationView(row),
    askedBy: asking
      .filter(({ evaluationId }) => evaluationId === row.id)
      .map(({ campaignId, iteration }) => (iteration < 0 ? campaignId : `${campaignId}/${iteration}`)),
  }));
}
