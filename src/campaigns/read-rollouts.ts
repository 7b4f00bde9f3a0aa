/** Rollouts of an iteration with their texts and grades, read from the artifact store: they are not in the database. */
import { requireManifest, type StepOutput } from '../artifacts/define-step.ts';
import { StoreError } from '../artifacts/store-error.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { Database } from '../db/database.ts';
import { readCampaign } from '../db/read-campaigns.ts';
import type { CampaignDetail, IterationView } from '../db/views.ts';
import type { Conventions } from '../grader/options.ts';
import type { RolloutSummary, RolloutTexts } from '../rollout/file.ts';
import type { Problem, RolloutEnd } from '../rollout/types.ts';
import { planStep } from '../steps/plan.ts';
import { sampleStep } from '../steps/sample.ts';
import { scoreStep } from '../steps/score.ts';
import type { GradeLine } from '../steps/score-attempts.ts';
import { readGrades } from '../steps/settle.ts';
import type { RolloutFilter } from './rollout-filter.ts';
import { UseCaseError } from './use-case-error.ts';

export interface RolloutView extends RolloutSummary {
  readonly iteration: number;
  readonly texts: RolloutTexts;
  /** Absent for rollouts that did not complete: they are not graded. */
  readonly grade?: GradeLine;
  readonly problem?: Problem;
}

export interface RolloutPage {
  readonly iteration: number;
  readonly total: number;
  readonly offset: number;
  readonly rollouts: readonly RolloutView[];
  /** The campaign's conventions of grading that differ from the defaults. */
  readonly grading?: Partial<Conventions>;
}

/** Caches the latest few parsed blobs by digest: blobs never change. */
class ParsedBlobs {
  readonly #capacity: number;
  readonly #parsed = new Map<Digest, Promise<readonly unknown[]>>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  async lines<T>(output: StepOutput<T[]>): Promise<readonly T[]> {
    const { digest } = output;
    const known = this.#parsed.get(digest);
    const lines = known ?? output.read();
    this.#parsed.delete(digest);
    this.#parsed.set(digest, lines);
    const oldest = this.#parsed.keys().next().value;
    if (this.#parsed.size > this.#capacity && oldest !== undefined) this.#parsed.delete(oldest);
    if (known === undefined) lines.catch(() => this.#parsed.delete(digest));
    return (await lines) as readonly T[];
  }
}

export interface RolloutReader {
  /** Sample rollouts of the newest finished shard: one per arm of every problem. Empty before the first shard. */
  readRecent(campaign: CampaignDetail, count: number): Promise<RolloutView[]>;
  /** Newest shards first. @throws UseCaseError `not-found` for an unknown campaign or iteration */
  read(filter: RolloutFilter): Promise<RolloutPage>;
}

export function createRolloutReader(db: Database, store: ArtifactStore): RolloutReader {
  // Lists read every summary and grade of an iteration, about 200 bytes per rollout, but only the texts of the shown page.
  const blobs = new ParsedBlobs(512);
  const textBlobs = new ParsedBlobs(8);

  /** Keys come from the database, as text. */
  async function read<Step>(
    of: { readonly read: (store: ArtifactStore, key: Digest) => Promise<Step> },
    key: string,
  ): Promise<Step> {
    try {
      return await of.read(store, key as Digest);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'step-missing') throw error;
      throw new UseCaseError('not-found', error.message);
    }
  }

  /** A shard's fact names its last turn, or the grades of that turn. Missing grades come from the score stage. */
  async function openShard(key: string, scored: ReadonlyMap<string, GradeLine>) {
    const manifest = await read({ read: requireManifest }, key);
    const graded = sampleStep.accepts(manifest) ? undefined : await read({ read: readGrades }, key);
    const { outputs } =
      graded === undefined ? sampleStep.open(store, manifest) : await read(sampleStep, graded.inputs.rollouts);
    return {
      summaries: await blobs.lines(outputs.summary),
      grades: graded === undefined ? scored : await byId(graded.outputs.grades),
      readTexts: async (id: string) => {
        const texts = await textBlobs.lines(outputs.texts);
        return texts.find((line) => line.id === id) ?? { id, segments: [], blocks: [] };
      },
    };
  }

  const byId = async <T extends { readonly id: string }>(output: StepOutput<T[]>): Promise<ReadonlyMap<string, T>> =>
    new Map((await blobs.lines(output)).map((line) => [line.id, line]));

  async function readProblems(iteration: IterationView): Promise<ReadonlyMap<string, Problem>> {
    const key = iteration.stages.find((item) => item.stage === 'plan')?.manifest;
    return key === undefined ? new Map() : byId((await read(planStep, key)).outputs.problems);
  }

  async function readGrading(iteration: IterationView): Promise<Partial<Conventions> | undefined> {
    const key = iteration.stages.find((item) => item.stage === 'plan')?.manifest;
    const config = key === undefined ? undefined : (await read({ read: requireManifest }, key)).step.config;
    return (config as { readonly grading?: Partial<Conventions> } | null | undefined)?.grading;
  }

  async function readScores(iteration: IterationView): Promise<ReadonlyMap<string, GradeLine>> {
    const key = iteration.stages.find((item) => item.stage === 'score')?.manifest;
    return key === undefined ? new Map() : byId((await read(scoreStep, key)).outputs.grades);
  }

  type Shard = Awaited<ReturnType<typeof openShard>>;

  async function viewOf(
    summary: RolloutSummary,
    shard: Shard,
    iteration: IterationView,
    problems: ReadonlyMap<string, Problem>,
  ): Promise<RolloutView> {
    const grade = shard.grades.get(summary.id);
    const problem = problems.get(summary.problemId);
    return {
      ...summary,
      iteration: iteration.iteration,
      texts: await shard.readTexts(summary.id),
      ...(grade === undefined ? {} : { grade }),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  return {
    async readRecent(campaign, count) {
      const iteration = campaign.iterations.findLast((item) => item.shardsDone > 0);
      const newest = iteration?.shardManifests[0];
      if (iteration === undefined || newest === undefined) return [];
      const shard = await openShard(newest, await readScores(iteration));
      const problems = await readProblems(iteration);
      const chosen = chooseVaried(shard.summaries, count);
      return await Promise.all(chosen.map((summary) => viewOf(summary, shard, iteration, problems)));
    },

    async read(filter) {
      const iteration = chooseIteration(await readCampaign(db, filter.campaign), filter);
      const problems = await readProblems(iteration);
      const scored = await readScores(iteration);
      const rollouts: RolloutView[] = [];
      let total = 0;
      for (const key of iteration.shardManifests) {
        const shard = await openShard(key, scored);
        for (const summary of shard.summaries) {
          if (!matches(summary, shard.grades.get(summary.id), filter)) continue;
          total += 1;
          if (total <= filter.offset || rollouts.length >= filter.limit) continue;
          rollouts.push(await viewOf(summary, shard, iteration, problems));
        }
      }
      const grading = await readGrading(iteration);
      const page = { iteration: iteration.iteration, total, offset: filter.offset, rollouts };
      return grading === undefined ? page : { ...page, grading };
    },
  };
}

/** The first rollout of every problem and arm, problem by problem. */
function chooseVaried(summaries: readonly RolloutSummary[], count: number): RolloutSummary[] {
  const byProblem = new Map<string, Map<string, RolloutSummary>>();
  for (const summary of summaries) {
    const arms = byProblem.get(summary.problemId) ?? new Map<string, RolloutSummary>();
    if (!arms.has(summary.arm)) arms.set(summary.arm, summary);
    byProblem.set(summary.problemId, arms);
  }
  return [...byProblem.values()].flatMap((arms) => [...arms.values()]).slice(0, count);
}

function chooseIteration(campaign: CampaignDetail | undefined, filter: RolloutFilter): IterationView {
  if (campaign === undefined) throw new UseCaseError('not-found', `there is no campaign "${filter.campaign}"`);
  const withRollouts = campaign.iterations.filter((item) => item.shardsDone > 0);
  const wanted = filter.iteration;
  const found =
    wanted === undefined ? withRollouts.at(-1) : campaign.iterations.find((item) => item.iteration === wanted);
  if (found !== undefined) return found;
  if (wanted === undefined) throw new UseCaseError('not-found', `campaign "${filter.campaign}" has no rollouts yet`);
  const known = campaign.iterations.map((item) => item.iteration).join(', ');
  throw new UseCaseError(
    'not-found',
    `campaign "${filter.campaign}" has no iteration ${wanted}; it has ${known || 'none'}`,
  );
}

function matches(summary: RolloutSummary, grade: GradeLine | undefined, filter: RolloutFilter): boolean {
  return (
    (filter.id === undefined || summary.id === filter.id) &&
    (filter.arm === undefined || summary.arm === filter.arm) &&
    (filter.problem === undefined || summary.problemId === filter.problem) &&
    (filter.end === undefined || summary.state === (filter.end satisfies RolloutEnd)) &&
    (filter.grade === undefined || (grade?.verdict ?? 'none') === filter.grade)
  );
}
