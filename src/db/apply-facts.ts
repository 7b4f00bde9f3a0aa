/** Applies facts to the database. Idempotent, and independent of the order. */
import { createHash } from 'node:crypto';
import { getTableColumns, inArray, sql } from 'drizzle-orm';
import type { PgColumn, PgTable, PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { canonicalJson } from '../formats/canonical-json.ts';
import type { Fact } from '../protocol/facts.ts';
import type { Database } from './database.ts';
import type { Orm } from './drivers/driver.ts';
import {
  entityOf,
  foldCampaign,
  foldCheckpoint,
  foldCheckpointMark,
  foldEvaluation,
  foldIteration,
  foldShard,
  foldStage,
} from './fold-facts.ts';
import { lockFacts, READ_COMMITTED } from './locks.ts';
import * as tables from './schema.ts';
import { storableJson } from './storable-json.ts';

type Transaction = Parameters<Parameters<Orm['transaction']>[0]>[0];

/**
 * Stores facts and recomputes the rows of their subjects in one transaction, then notifies the listeners of the affected
 * campaigns. A fact that is already stored changes nothing.
 *
 * @throws Error for a fact without a valid `at`, which is a bug of the caller
 */
export async function applyFacts(db: Database, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return;
  const rows = new Map<string, { digest: string; entity: string; fact: Fact }>();
  for (const fact of facts.map(storableJson)) {
    if (Number.isNaN(Date.parse(fact.at))) throw new TypeError(`fact ${entityOf(fact)}: "${fact.at}" is not a time`);
    const digest = createHash('sha256').update(canonicalJson(fact)).digest('hex');
    rows.set(digest, { digest, entity: entityOf(fact), fact });
  }
  const touched = await db.orm.transaction(async (tx) => {
    await lockFacts(tx);
    const added = await tx
      .insert(tables.facts)
      .values([...rows.values()])
      .onConflictDoNothing()
      .returning({ entity: tables.facts.entity, fact: tables.facts.fact });
    if (added.length === 0) return new Set<string>();
    const entities = [...new Set(added.map((row) => row.entity))];
    const known = await tx
      .select({ entity: tables.facts.entity, fact: tables.facts.fact })
      .from(tables.facts)
      .where(inArray(tables.facts.entity, entities));
    const byEntity = new Map<string, Fact[]>(entities.map((entity) => [entity, []]));
    for (const row of known) byEntity.get(row.entity)?.push(row.fact);
    await upsertEntities(tx, [...byEntity.values()]);
    await linkEvaluations(
      tx,
      added.map((row) => row.fact),
    );
    const campaignIds = await campaignsTouched(
      tx,
      added.map((row) => row.fact),
    );
    await db.tellOthers?.(tx, campaignIds);
    return campaignIds;
  }, READ_COMMITTED);
  if (touched.size > 0) db.announce(touched);
}

/** Rewrites the row of each group's subject. */
async function upsertEntities(tx: Transaction, groups: readonly (readonly Fact[])[]): Promise<void> {
  const rowsOf = <K extends Fact['kind'], Row>(kind: K, fold: (facts: readonly Extract<Fact, { kind: K }>[]) => Row) =>
    groups.filter(([first]) => first?.kind === kind).map((group) => fold(ofKind(group, kind)));
  const { campaigns, iterations, stages, shards, checkpoints, checkpointMarks, evaluations } = tables;
  await upsert(tx, campaigns, [campaigns.id], rowsOf('campaign', foldCampaign));
  await upsert(tx, iterations, [iterations.campaignId, iterations.iteration], rowsOf('iteration', foldIteration));
  await upsert(tx, stages, [stages.campaignId, stages.iteration, stages.stage], rowsOf('stage', foldStage));
  await upsert(tx, shards, [shards.campaignId, shards.iteration, shards.shard], rowsOf('shard', foldShard));
  await upsert(
    tx,
    checkpoints,
    [checkpoints.campaignId, checkpoints.iteration, checkpoints.digest],
    rowsOf('checkpoint', foldCheckpoint),
  );
  await upsert(tx, checkpointMarks, [checkpointMarks.digest], rowsOf('checkpoint-mark', foldCheckpointMark));
  await upsert(tx, evaluations, [evaluations.id], rowsOf('evaluation', foldEvaluation));
}

async function upsert<T extends PgTable>(
  tx: Transaction,
  table: T,
  target: PgColumn[],
  rows: readonly T['$inferInsert'][],
): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.entries(getTableColumns(table));
  const set = Object.fromEntries(columns.map(([key, column]) => [key, sql`excluded.${sql.identifier(column.name)}`]));
  await tx
    .insert(table)
    .values([...rows])
    .onConflictDoUpdate({ target, set: set as PgUpdateSetSource<T> });
}

function ofKind<K extends Fact['kind']>(facts: readonly Fact[], kind: K): Extract<Fact, { kind: K }>[] {
  return facts.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
}

async function linkEvaluations(tx: Transaction, facts: readonly Fact[]): Promise<void> {
  const links = ofKind(facts, 'evaluation').flatMap(({ id, campaignId, iteration }) =>
    campaignId === undefined ? [] : [{ campaignId, iteration: iteration ?? -1, evaluationId: id }],
  );
  if (links.length > 0) await tx.insert(tables.campaignEvaluations).values(links).onConflictDoNothing();
}

/** The campaigns that a fact affects; a shared evaluation affects all of its campaigns. */
async function campaignsTouched(tx: Transaction, facts: readonly Fact[]): Promise<Set<string>> {
  const touched = new Set<string>();
  for (const fact of facts) {
    if (fact.kind === 'campaign') touched.add(fact.id);
    else if (fact.campaignId !== undefined) touched.add(fact.campaignId);
  }
  const evaluationIds = ofKind(facts, 'evaluation').map((fact) => fact.id);
  if (evaluationIds.length > 0) {
    const links = await tx
      .select({ campaignId: tables.campaignEvaluations.campaignId })
      .from(tables.campaignEvaluations)
      .where(inArray(tables.campaignEvaluations.evaluationId, evaluationIds));
    for (const link of links) touched.add(link.campaignId);
  }
  return touched;
}
