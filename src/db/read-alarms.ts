/** A campaign's alarms, from the latest sampling, curation, training and evaluation. */

import { and, eq, gte, inArray } from 'drizzle-orm';
import { VALIDATION_SUITE } from '../config/campaign.ts';
import { type Counts, sumCounts } from '../protocol/counts.ts';
import type { CampaignStatus } from '../protocol/statuses.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import type { Alarm } from '../scoring/alarm.ts';
import { evaluationAlarms, iterationAlarms } from '../scoring/alarms.ts';
import { collapseAlarm } from '../scoring/collapse-alarm.ts';
import { retentionAlarm } from '../scoring/retention-alarm.ts';
import type { Database } from './database.ts';
import { shards, stages } from './schema.ts';
import type { EvaluationView } from './views.ts';

const COUNTED = ['sample', 'curate', 'train'] as const;

/** @param suites - `main`: the suite that the campaign is judged by; `retention`: the suites with that role */
export async function readAlarms(
  db: Database,
  campaign: { readonly id: string; readonly status: CampaignStatus; readonly iterationsDone: number },
  suites: { readonly main: string | undefined; readonly retention: readonly string[] },
  measured: readonly EvaluationView[],
): Promise<Alarm[]> {
  const rows = await db.orm
    .select({ iteration: stages.iteration, stage: stages.stage, counts: stages.counts })
    .from(stages)
    .where(
      and(
        eq(stages.campaignId, campaign.id),
        gte(stages.iteration, Math.max(1, campaign.iterationsDone)),
        inArray(stages.stage, [...COUNTED]),
      ),
    );
  const counted = rows.filter((row) => row.counts !== null);
  const latest = Math.max(0, ...counted.map((row) => row.iteration));
  const countsOf = (stage: (typeof COUNTED)[number]): Counts =>
    counted.find((row) => row.iteration === latest && row.stage === stage)?.counts ?? {};
  const [sampled, curated, trained] = [countsOf('sample'), countsOf('curate'), countsOf('train')];
  const underWay = { iteration: campaign.iterationsDone + 1, curated: {}, trained: {} };
  const isSampling = latest < underWay.iteration && isOpenStatus(campaign.status);
  const soFar = isSampling ? await countShards(db, campaign.id, underWay.iteration) : {};
  const measuredOn = (wanted: string | undefined) =>
    measured.flatMap(({ suite: name, iteration, metrics }) =>
      name === wanted && iteration !== undefined && metrics !== undefined ? [{ iteration, metrics }] : [],
    );
  return [
    ...iterationAlarms({ ...underWay, sampled: soFar }),
    ...iterationAlarms({ iteration: latest, sampled, curated, trained }),
    ...evaluationAlarms(measuredOn(suites.main)),
    ...collapseAlarm(measuredOn(VALIDATION_SUITE)),
    ...suites.retention.flatMap((suite) => retentionAlarm(suite, measuredOn(suite))),
  ];
}

/** Counts of the finished shards of an iteration that is still sampling. */
async function countShards(db: Database, campaignId: string, iteration: number): Promise<Counts> {
  const rows = await db.orm
    .select({ counts: shards.counts })
    .from(shards)
    .where(and(eq(shards.campaignId, campaignId), eq(shards.iteration, iteration)))
    .orderBy(shards.shard);
  return sumCounts(rows.map(({ counts }) => counts));
}
