/** What is stored of an iteration, found from the artifact store alone: its journal and its manifests. */
import { StoreError } from '../artifacts/store-error.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { ShardJob } from '../protocol/activities.ts';
import { decodeJournal, describeSkipped } from '../protocol/decode-journal.ts';
import type { JournalEvent } from '../protocol/journal.ts';
import type { StoredIteration, StoredShard } from '../protocol/replay-report.ts';
import type { StageName } from '../protocol/stages.ts';
import { executeStep } from '../steps/execute.ts';
import { gradeStep } from '../steps/grade.ts';
import { planStep } from '../steps/plan.ts';
import { type SampledStep, sampleStep } from '../steps/sample.ts';
import { scoreStep } from '../steps/score.ts';
import { readGrades } from '../steps/settle.ts';

/** The message names what there is instead. */
export class NoSuchIteration extends Error {
  override readonly name = 'NoSuchIteration';
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
  const jobs = await planStep.open(store, plan).outputs.shards.read();
  const { score, curate, train } = told.manifests;
  return {
    campaignId,
    iteration,
    config: told.config,
    checkpoint: told.from,
    plan: planned,
    shards: await naming(score === undefined ? searchShards(store, jobs, told.from) : shardsOf(store, jobs, score)),
    ...(score === undefined ? {} : { score }),
    ...(curate === undefined ? {} : { curation: curate }),
    ...(train === undefined ? {} : { training: train }),
    metrics: told.metrics,
  };
}

/** A step that is gone is a fact about the iteration, not about the store. */
async function naming<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'step-missing') throw error;
    throw new NoSuchIteration(`a step that the iteration was made from is no longer there: ${error.message}`);
  }
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
  const { inputs } = await scoreStep.read(store, score);
  return Promise.all(
    jobs.map(async (job, at) => {
      const grades = inputs[at];
      if (grades === undefined) throw new Error(`the scores ${score} name no grades for shard ${at}`);
      const last = (await readGrades(store, grades)).inputs.rollouts;
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
    const { turn, executions: execution } = (await sampleStep.read(store, key)).inputs;
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
  const samples: SampledStep[] = [];
  const executionOf = new Map<Digest, Digest>();
  const gradesOf = new Map<Digest, Digest>();
  for await (const manifest of store.listManifests()) {
    const executed = executeStep.inputsOf(manifest)?.snippets;
    if (executed !== undefined && !executionOf.has(executed)) executionOf.set(executed, manifest.key);
    const graded = gradeStep.inputsOf(manifest)?.rollouts;
    if (graded !== undefined) gradesOf.set(graded, manifest.key);
    const sampled = sampleStep.inputsOf(manifest);
    if (sampled !== undefined && plans.has(sampled.plan) && sampled.checkpoint === checkpoint)
      samples.push(sampleStep.open(store, manifest));
  }
  return Promise.all(
    jobs.map(async (job) => {
      const mine = samples.filter(({ inputs }) => inputs.plan === job.plan);
      const followed = new Set(mine.map(({ inputs }) => inputs.turn));
      const last = mine.find(({ key }) => !followed.has(key));
      const found = await turnsOf(store, last?.key);
      const pending = last === undefined ? undefined : executionOf.get(last.outputs.snippets.digest);
      const grades = last === undefined ? undefined : gradesOf.get(last.key);
      return {
        ...job,
        ...found,
        executions: [
          ...found.executions,
          ...(pending === undefined || last === undefined || grades !== undefined
            ? []
            : [{ turn: last.key, execution: pending }]),
        ],
        ...(grades === undefined ? {} : { grades }),
      };
    }),
  );
}
