/**
 * Tables of the facts that people look at. Migrations are generated from this file:
 * `npx drizzle-kit generate --config src/db/drizzle.config.ts --name <what changed>`.
 * Plain PostgreSQL: nothing here is particular to PGlite.
 */

import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { EvaluationMetrics } from '../protocol/evaluation-metrics.ts';
import type { Fact, ForkOrigin } from '../protocol/facts.ts';
import type { StageName, StageStatus } from '../protocol/stages.ts';
import type { CampaignStatus, EvaluationStatus, IterationStatus } from '../protocol/statuses.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** Every fact, unchanged and once. The rows of the other tables are folded from it. */
export const facts = pgTable(
  'facts',
  {
    /** Digest of the fact's canonical JSON: applying it twice changes nothing. */
    digest: text('digest').primaryKey(),
    /** Subject of the fact, e.g. `stage/<campaign>/<iteration>/<stage>`. */
    entity: text('entity').notNull(),
    fact: jsonb('fact').$type<Fact>().notNull(),
  },
  (table) => [index('facts_entity').on(table.entity)],
);

/** The store's journal except its facts: requests of people, and the states that a campaign can be recovered from. */
export const journal = pgTable(
  'journal',
  {
    /** Digest of campaign and entry. */
    digest: text('digest').primaryKey(),
    campaignId: text('campaign_id').notNull(),
    at: instant('at').notNull(),
    kind: text('kind').notNull(),
    details: jsonb('details').$type<Readonly<Record<string, unknown>>>().notNull(),
  },
  (table) => [index('journal_campaign').on(table.campaignId, table.at)],
);

export const campaigns = pgTable('campaigns', {
  id: text('id').primaryKey(),
  status: text('status').$type<CampaignStatus>().notNull(),
  reason: text('reason'),
  config: jsonb('config').$type<unknown>(),
  head: text('head'),
  iterationsDone: integer('iterations_done').notNull(),
  iterationsPlanned: integer('iterations_planned'),
  forkedFrom: jsonb('forked_from').$type<ForkOrigin>(),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

export const iterations = pgTable(
  'iterations',
  {
    campaignId: text('campaign_id').notNull(),
    iteration: integer('iteration').notNull(),
    status: text('status').$type<IterationStatus>().notNull(),
    fromCheckpoint: text('from_checkpoint').notNull(),
    toCheckpoint: text('to_checkpoint'),
    metrics: jsonb('metrics').$type<Readonly<Record<string, number>>>(),
    reason: text('reason'),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [primaryKey({ columns: [table.campaignId, table.iteration] })],
);

export const stages = pgTable(
  'stages',
  {
    campaignId: text('campaign_id').notNull(),
    iteration: integer('iteration').notNull(),
    stage: text('stage').$type<StageName>().notNull(),
    status: text('status').$type<StageStatus>().notNull(),
    manifest: text('manifest'),
    counts: jsonb('counts').$type<Readonly<Record<string, number>>>(),
    reason: text('reason'),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [primaryKey({ columns: [table.campaignId, table.iteration, table.stage] })],
);

export const shards = pgTable(
  'shards',
  {
    campaignId: text('campaign_id').notNull(),
    iteration: integer('iteration').notNull(),
    shard: integer('shard').notNull(),
    shardsPlanned: integer('shards_planned').notNull(),
    manifest: text('manifest').notNull(),
    counts: jsonb('counts').$type<Readonly<Record<string, number>>>().notNull(),
    sampledBy: text('sampled_by'),
    doneAt: instant('done_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.campaignId, table.iteration, table.shard] })],
);

/** The key includes the campaign, since two campaigns may share a warm start. */
export const checkpoints = pgTable(
  'checkpoints',
  {
    campaignId: text('campaign_id').notNull(),
    iteration: integer('iteration').notNull(),
    digest: text('digest').notNull(),
    parent: text('parent'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.campaignId, table.iteration, table.digest] }),
    index('checkpoints_digest').on(table.digest),
  ],
);

/** Properties of a checkpoint that are independent of the campaign. */
export const checkpointMarks = pgTable('checkpoint_marks', {
  digest: text('digest').primaryKey(),
  pinned: boolean('pinned').notNull(),
  /** When its files were collected as garbage; null while they are there. */
  collectedAt: instant('collected_at'),
  freedBytes: bigint('freed_bytes', { mode: 'number' }),
});

export const evaluations = pgTable(
  'evaluations',
  {
    id: text('id').primaryKey(),
    checkpoint: text('checkpoint').notNull(),
    suite: text('suite').notNull(),
    status: text('status').$type<EvaluationStatus>().notNull(),
    manifest: text('manifest'),
    metrics: jsonb('metrics').$type<EvaluationMetrics>(),
    reason: text('reason'),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [index('evaluations_checkpoint').on(table.checkpoint)],
);

/** Which campaigns asked for an evaluation: equal requests join, so one result may belong to several. */
export const campaignEvaluations = pgTable(
  'campaign_evaluations',
  {
    campaignId: text('campaign_id').notNull(),
    iteration: integer('iteration').notNull(),
    evaluationId: text('evaluation_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.campaignId, table.iteration, table.evaluationId] })],
);
