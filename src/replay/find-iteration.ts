/** What is stored of an iteration, found from the artifact store alone: its journal and its manifests. */

import { outputOf } from '../artifacts/step.ts';
import type { ArtifactStore, Digest, Manifest } from '../artifacts/types.ts';
import { decodeJournal, describeSkipped } from '../protocol/decode-journal.ts';
import type { JournalEvent } from '../protocol/journal.ts';
import type { StoredIteration, StoredShard } from '../protocol/replay-report.ts';
import type { StageName } from '../protocol/stages.ts';

/** The message names what there is instead. */
export class NoSuchIteration extends Error {
  override readonly name = 'NoSuchIteration';
}

interface ShardJob {
  readonly plan: Digest;
  readonly rollouts: number;
}

/** @throws NoSuchIteration for one that nothing is stored of */
export async function findIteration(
  store: ArtifactStore,
  campaignId: string,
  iteration: number,
): Promise<StoredIteration> {
  const { events, skipped } = decodeJournal(campaignId, await store.readJournal(campaignId));
  const told = readTold(events, campaignId, iteration);
  const planned = told.manifests.plan;
  const plan = planned === undefined ? undefined : await store.readManifest(planned);
  if (planned === undefined || plan === undefined || told.from === undefined || told.config === undefined) {
    const known = told.iterations.length === 0 ? 'none' : told.iterations.join(', ');
    throw new NoSuchIteration(
      `nothing is stored of iteration ${iteration} of campaign "${campaignId}"; stored are ${known}${skipped.length === 0 ? '' : ` (${describeSkipped(skipped)})`}`,
    );
  }
  const jobs = JSON.parse((await store.readBlob(outputOf(plan, 'shards').digest)).toString('utf8')) as ShardJob[];
  const { score, curate, train } = told.manifests;
  return {
    campaignId,
    iteration,
    config: told.config,
    checkpoint: told.from,
    plan: planned,
    shards: score === undefined ? await searchShards(store, jobs, told.from) : await shardsOf(store, jobs, score),
    ...(score === undefined ? {} : { score }),
    ...(curate === undefined ? {} : { curation: curate }),
    ...(train === undefined ? {} : { training: train }),
    metrics: told.metrics,
  };
}

interface Told {
  readonly manifests: Partial<Record<StageName, Digest>>;
  readonly from?: Digest;
  readonly config?: Digest;
  readonly metrics: Readonly<Record<string, number>>;
  readonly iterations: readonly number[];
}

/** What the journal says of the iteration. An attempt begins with a plan: what was told before its last is of another. */
function readTold(events: readonly JournalEvent[], campaignId: string, iteration: number): Told {
  const facts = events
    .flatMap((event) => (event.kind === 'fact' ? [event.details.fact] : []))
    .filter((fact) => 'campaignId' in fact && fact.campaignId === campaignId)
    .sort((a, b) => a.at.localeCompare(b.at));
  const plans = facts.flatMap((fact) =>
    fact.kind === 'stage' && fact.stage === 'plan' && fact.manifest !== undefined ? [fact] : [],
  );
  const begun = plans.findLast((fact) => fact.iteration === iteration)?.at ?? '';
  const manifests: Partial<Record<StageName, Digest>> = {};
  const told: { from?: Digest; config?: Digest } = {};
  let metrics: Told['metrics'] = {};
  for (const fact of facts) {
    if (fact.kind === 'stage' && fact.iteration === iteration && fact.at >= begun && fact.manifest !== undefined)
      manifests[fact.stage] = fact.manifest;
    if (fact.kind !== 'iteration' || fact.iteration !== iteration) continue;
    told.from = fact.from;
    if (fact.config !== undefined) told.config = fact.config;
    metrics = fact.metrics ?? metrics;
  }
  const opened = events.findLast((event) => event.kind === 'opened')?.details.config;
  return {
    manifests,
    ...(opened === undefined ? {} : { config: opened }),
    ...told,
    metrics,
    iterations: [...new Set(plans.map((fact) => fact.iteration))].sort((a, b) => a - b),
  };
}

/** From the scores backwards: each step names what it was made from. */
async function shardsOf(store: ArtifactStore, jobs: readonly ShardJob[], score: Digest): Promise<StoredShard[]> {
  const scored = await requireManifest(store, score);
  return Promise.all(
    jobs.map(async (job, at) => {
      const grades = scored.step.inputs[`${at}`];
      if (grades === undefined) throw new Error(`the scores ${score} name no grades for shard ${at}`);
      const last = (await requireManifest(store, grades)).step.inputs.rollouts;
      return { ...job, ...(await turnsOf(store, last)), grades };
    }),
  );
}

async function turnsOf(
  store: ArtifactStore,
  last: Digest | undefined,
): Promise<Pick<StoredShard, 'turns' | 'executions'>> {
  const turns: Digest[] = [];
  const executions: { turn: Digest; execution: Digest }[] = [];
  for (let key = last; key !== undefined; ) {
    const { turn, executions: execution } = (await requireManifest(store, key)).step.inputs;
    turns.unshift(key);
    if (turn !== undefined && execution !== undefined) executions.unshift({ turn, execution });
    key = turn;
  }
  return { turns, executions };
}

/** Of an iteration that was never scored: what there is, found among all manifests. */
async function searchShards(
  store: ArtifactStore,
  jobs: readonly ShardJob[],
  checkpoint: Digest,
): Promise<StoredShard[]> {
  const plans = new Set(jobs.map(({ plan }) => plan));
  const samples: Manifest[] = [];
  const executed: Manifest[] = [];
  const graded = new Map<Digest, Manifest>();
  for await (const manifest of store.listManifests()) {
    const { stage, inputs } = manifest.step;
    if (stage === 'execute') executed.push(manifest);
    if (inputs.plan === undefined || !plans.has(inputs.plan)) continue;
    if (stage === 'sample' && inputs.checkpoint === checkpoint) samples.push(manifest);
    if (stage === 'grade' && inputs.rollouts !== undefined) graded.set(inputs.rollouts, manifest);
  }
  return Promise.all(
    jobs.map(async (job) => {
      const mine = samples.filter(({ step }) => step.inputs.plan === job.plan);
      const followed = new Set(mine.map(({ step }) => step.inputs.turn));
      const last = mine.find(({ key }) => !followed.has(key));
      const found = await turnsOf(store, last?.key);
      const waiting = last?.outputs.snippets?.digest;
      const pending = executed.find(({ step }) => waiting !== undefined && step.inputs.snippets === waiting);
      const grades = last === undefined ? undefined : graded.get(last.key)?.key;
      return {
        ...job,
        ...found,
        executions: [
          ...found.executions,
          ...(pending === undefined || last === undefined || grades !== undefined
            ? []
            : [{ turn: last.key, execution: pending.key }]),
        ],
        ...(grades === undefined ? {} : { grades }),
      };
    }),
  );
}

async function requireManifest(store: ArtifactStore, key: Digest): Promise<Manifest> {
  const manifest = await store.readManifest(key);
  if (manifest === undefined)
    throw new NoSuchIteration(`step ${key}, which the iteration was made from, is no longer in the store`);
  return manifest;
}
