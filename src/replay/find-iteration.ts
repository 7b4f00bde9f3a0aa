/** Finds the stored steps of an iteration in the artifact store alone: by its journal and its manifests. */
import { StoreError } from '../artifacts/store-error.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { ShardJob } from '../protocol/activities.ts';
import { decodeJournal } from '../protocol/decode-journal.ts';
import type { JournalEvent } from '../protocol/journal.ts';
import type { StoredIteration, StoredShard } from '../protocol/replay-report.ts';
import { describeSkipped } from '../protocol/skipped-entries.ts';
import type { StageName } from '../protocol/stages.ts';
import { executeStep } from '../steps/execute.ts';
import { gradeStep } from '../steps/grade.ts';
import { planStep } from '../steps/plan.ts';
import { type SampledStep, sampleStep } from '../steps/sample.ts';
import { scoreStep } from '../steps/score.ts';
import { readGrades } from '../steps/settle.ts';

/** The message lists the iterations that are stored. */
export class NoSuchIteration extends Error {
  override readonly name = 'NoSuchIteration';
}

/**
 * @throws NoSuchIteration if nothing of the iteration is stored
 * @example const { checkpoint, shards } = await findIteration(store, 'math', 3);
 */
export async function findIteration(
  store: ArtifactStore,
  campaignId: string,
  iteration: number,
): Promise<StoredIteration> {
  const { events, skipped } = decodeJournal(campaignId, await store.readJournal(campaignId));
  const recorded = readRecorded(events, campaignId, iteration);
  const planned = recorded.manifests.plan;
  const plan = planned === undefined ? undefined : await store.readManifest(planned);
  if (planned === undefined || plan === undefined || recorded.from === undefined || recorded.config === undefined) {
    const known = recorded.iterations.length === 0 ? 'none' : recorded.iterations.join(', ');
    throw new NoSuchIteration(
      `nothing is stored of iteration ${iteration} of campaign "${campaignId}"; stored are ${known}${skipped.length === 0 ? '' : ` (${describeSkipped(skipped)})`}`,
    );
  }
  const jobs = await planStep.open(store, plan).outputs.shards.read();
  const { score, curate, train } = recorded.manifests;
  return {
    campaignId,
    iteration,
    config: recorded.config,
    checkpoint: recorded.from,
    plan: planned,
    shards: await naming(score === undefined ? searchShards(store, jobs, recorded.from) : shardsOf(store, jobs, score)),
    ...(score === undefined ? {} : { score }),
    ...(curate === undefined ? {} : { curation: curate }),
    ...(train === undefined ? {} : { training: train }),
    metrics: recorded.metrics,
  };
}

/** A missing step is an error of the requested iteration, not of the store. */
async function naming<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'step-missing') throw error;
    throw new NoSuchIteration(`a step that the iteration was made from is no longer there: ${error.message}`);
  }
}

interface Recorded {
  readonly manifests: Partial<Record<StageName, Digest>>;
  readonly from?: Digest;
  readonly config?: Digest;
  readonly metrics: Readonly<Record<string, number>>;
  readonly iterations: readonly number[];
}

/** Reads the iteration from the journal. An attempt begins with a plan: entries before the last plan belong to earlier attempts. */
function readRecorded(events: readonly JournalEvent[], campaignId: string, iteration: number): Recorded {
  const facts = events
    .flatMap((event) => (event.kind === 'fact' ? [event.details.fact] : []))
    .filter((fact) => 'campaignId' in fact && fact.campaignId === campaignId)
    .sort((a, b) => a.at.localeCompare(b.at));
  const plans = facts.flatMap((fact) =>
    fact.kind === 'stage' && fact.stage === 'plan' && fact.manifest !== undefined ? [fact] : [],
  );
  const begun = plans.findLast((fact) => fact.iteration === iteration)?.at ?? '';
  const manifests: Partial<Record<StageName, Digest>> = {};
  const recorded: { from?: Digest; config?: Digest } = {};
  let metrics: Recorded['metrics'] = {};
  for (const fact of facts) {
    if (fact.kind === 'stage' && fact.iteration === iteration && fact.at >= begun && fact.manifest !== undefined)
      manifests[fact.stage] = fact.manifest;
    if (fact.kind !== 'iteration' || fact.iteration !== iteration) continue;
    recorded.from = fact.from;
    if (fact.config !== undefined) recorded.config = fact.config;
    metrics = fact.metrics ?? metrics;
  }
  const opened = events.findLast((event) => event.kind === 'opened')?.details.config;
  return {
    manifests,
    ...(opened === undefined ? {} : { config: opened }),
    ...recorded,
    metrics,
    iterations: [...new Set(plans.map((fact) => fact.iteration))].sort((a, b) => a - b),
  };
}

/** Follows the inputs of the scores backwards to every shard's steps. */
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

/** Searches all manifests for the steps of an iteration that was never scored. */
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
