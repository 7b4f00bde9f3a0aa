/** Reads campaigns for pages and the API. */

import { desc, eq, inArray, sql } from 'drizzle-orm';
import { hideSecrets } from '../config/hide-secrets.ts';
import { mainSuiteOf, retentionSuitesOf } from '../config/main-suite.ts';
import { readStoredSettings } from '../config/renamed-settings.ts';
import { sumCounts } from '../protocol/counts.ts';
import { STAGES } from '../protocol/stages.ts';
import { withCurrentKeys } from '../scoring/learning-metrics.ts';
import type { Database } from './database.ts';
import { readAlarms } from './read-alarms.ts';
import { evaluationView, instantOf, optional, secondsBetween } from './row-views.ts';
import { campaignEvaluations, campaigns, checkpoints, evaluations, iterations, shards, stages } from './schema.ts';
import type { CampaignDetail, CampaignSummary, EvaluationView, IterationView, StageView } from './views.ts';

type CampaignRow = typeof campaigns.$inferSelect;

/** Newest first. */
export async function listCampaigns(db: Database): Promise<CampaignSummary[]> {
  const rows = await db.orm.select().from(campaigns).orderBy(desc(campaigns.createdAt), campaigns.id);
  return await Promise.all(rows.map(async (row) => summaryOf(db, row, await evaluationsOf(db, row.id))));
}

/** The setting `report` of campaigns, of all by default. */
export async function listReporting(
  db: Database,
  ids?: readonly string[],
): Promise<{ readonly id: string; readonly config: { readonly report: unknown } }[]> {
  const rows = await db.orm
    .select({ id: campaigns.id, report: sql<unknown>`${campaigns.config}->'report'` })
    .from(campaigns)
    .where(ids === undefined ? undefined : inArray(campaigns.id, [...ids]));
  return rows.map(({ id, report }) => ({ id, config: { report } }));
}

/** One campaign without its rollouts; undefined for an unknown id. */
export async function readCampaign(db: Database, campaignId: string): Promise<CampaignDetail | undefined> {
  const [row] = await db.orm.select().from(campaigns).where(eq(campaigns.id, campaignId));
  if (row === undefined) return undefined;
  const found = await evaluationsOf(db, campaignId);
  const lineage = await db.orm
    .select()
    .from(checkpoints)
    .where(eq(checkpoints.campaignId, campaignId))
    .orderBy(checkpoints.iteration, checkpoints.createdAt, checkpoints.digest);
  return {
    ...(await summaryOf(db, row, found)),
    ...optional({ config: hideSecrets(row.config) }),
    iterations: await iterationsOf(db, campaignId),
    evaluations: found,
    checkpoints: lineage.map((item) => ({
      digest: item.digest,
      campaignId: item.campaignId,
      iteration: item.iteration,
      ...optional({ parent: item.parent }),
      createdAt: instantOf(item.createdAt),
    })),
  };
}

async function summaryOf(db: Database, row: CampaignRow, found: readonly EvaluationView[]): Promise<CampaignSummary> {
  const config = readStoredSettings(row.config) as {
    method?: unknown;
    model?: unknown;
    evaluations?: { suite?: unknown; role?: unknown }[];
  } | null;
  const measured = found.filter((item) => item.iteration !== undefined && item.metrics !== undefined);
  const suite = mainSuiteOf(config) ?? measured[0]?.suite;
  const latest = measured.findLast((item) => item.suite === suite);
  return {
    id: row.id,
    status: row.status,
    iterationsDone: row.iterationsDone,
    createdAt: instantOf(row.createdAt),
    updatedAt: instantOf(row.updatedAt),
    alarms: await readAlarms(db, row, { main: suite, retention: retentionSuitesOf(config) }, measured),
    ...optional({
      reason: row.reason,
      method: typeof config?.method === 'string' ? config.method : undefined,
      model: typeof config?.model === 'string' ? config.model : undefined,
      head: row.head,
      iterationsPlanned: row.iterationsPlanned,
      forkedFrom: row.forkedFrom,
      latest,
    }),
  };
}

/** In order of iteration; evaluations that no iteration requested come last. */
async function evaluationsOf(db: Database, campaignId: string): Promise<EvaluationView[]> {
  const rows = await db.orm
    .select({ evaluation: evaluations, iteration: campaignEvaluations.iteration })
    .from(campaignEvaluations)
    .innerJoin(evaluations, eq(evaluations.id, campaignEvaluations.evaluationId))
    .where(eq(campaignEvaluations.campaignId, campaignId))
    .orderBy(evaluations.startedAt, evaluations.id, campaignEvaluations.iteration);
  const order = (item: EvaluationView) => item.iteration ?? Number.POSITIVE_INFINITY;
  return rows
    .map((row) => evaluationView(row.evaluation, row.iteration < 0 ? undefined : row.iteration))
    .sort((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)));
}

async function iterationsOf(db: Database, campaignId: string): Promise<IterationView[]> {
  const [iterationRows, stageRows, shardRows] = await Promise.all([
    db.orm.select().from(iterations).where(eq(iterations.campaignId, campaignId)),
    db.orm.select().from(stages).where(eq(stages.campaignId, campaignId)).orderBy(stages.startedAt, stages.stage),
    db.orm
      .select()
      .from(shards)
      .where(eq(shards.campaignId, campaignId))
      .orderBy(desc(shards.doneAt), desc(shards.shard)),
  ]);
  const numbers = new Set([...iterationRows, ...stageRows, ...shardRows].map((row) => row.iteration));
  return [...numbers]
    .sort((a, b) => a - b)
    .map((number) => {
      const row = iterationRows.find((item) => item.iteration === number);
      const ownStages = stageRows.filter((item) => item.iteration === number).map(stageView);
      const ownShards = shardRows.filter((item) => item.iteration === number);
      const sampledBy = [...new Set(ownShards.flatMap((item) => item.sampledBy ?? []))].sort();
      return {
        iteration: number,
        status: row?.status ?? statusFromStages(ownStages),
        ...optional({
          from: row?.fromCheckpoint,
          to: row?.toCheckpoint,
          metrics: row?.metrics == null ? undefined : withCurrentKeys(row.metrics),
          reason: row?.reason,
          startedAt: row === undefined ? ownStages[0]?.startedAt : instantOf(row.startedAt),
          endedAt: row?.endedAt == null ? undefined : instantOf(row.endedAt),
          seconds: row === undefined ? undefined : secondsBetween(row.startedAt, row.endedAt),
          sampledBy: sampledBy.length === 0 ? undefined : sampledBy,
          lastShardAt: ownShards[0] === undefined ? undefined : instantOf(ownShards[0].doneAt),
        }),
        stages: ownStages.sort((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage)),
        shardsDone: ownShards.length,
        shardsPlanned: ownShards.reduce((most, item) => Math.max(most, item.shardsPlanned), 0),
        shardManifests: ownShards.map((item) => item.manifest),
        counts: sumCounts(ownShards.map((item) => item.counts)),
      };
    });
}

/** The warm start has stages but no iteration of its own. */
function statusFromStages(found: readonly StageView[]): 'running' | 'completed' | 'failed' {
  if (found.some((item) => item.status === 'running')) return 'running';
  return found.some((item) => item.status === 'failed') ? 'failed' : 'completed';
}

function stageView(row: typeof stages.$inferSelect): StageView {
  return {
    stage: row.stage,
    status: row.status,
    startedAt: instantOf(row.startedAt),
    ...optional({
      endedAt: row.endedAt === null ? undefined : instantOf(row.endedAt),
      seconds: secondsBetween(row.startedAt, row.endedAt),
      manifest: row.manifest,
      counts: row.counts === null ? undefined : withCurrentKeys(row.counts),
      reason: row.reason,
    }),
  };
}
