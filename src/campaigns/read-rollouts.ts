/** Lists of rollouts with their texts and grades, of an iteration or of an evaluation. */
import type { ArtifactStore } from '../artifacts/types.ts';
import type { Database } from '../db/database.ts';
import type { CampaignDetail } from '../db/views.ts';
import type { Conventions } from '../grader/options.ts';
import type { RolloutSummary, RolloutTexts } from '../rollout/file.ts';
import type { Problem, RolloutEnd } from '../rollout/types.ts';
import { type Decision, decisionOn } from '../scoring/evaluated-problem.ts';
import type { GradeLine } from '../steps/score-attempts.ts';
import { chooseIteration } from './choose-iteration.ts';
import { type EvaluationDecisions, readDecisions, requireFinished } from './read-decisions.ts';
import { type ProblemOf, type ProblemStory, readProblem } from './read-problem.ts';
import type { RolloutFilter } from './rollout-filter.ts';
import { type RolloutSource, RolloutSources, type Shard } from './rollout-source.ts';
import {
  type IterationBehaviour,
  type IterationUpdates,
  type TrainingAccuracy,
  TrainingCurves,
} from './training-curves.ts';

export interface RolloutView extends RolloutSummary {
  /** Of a training. */
  readonly iteration?: number;
  /** Id of an evaluation. */
  readonly evaluation?: string;
  readonly texts: RolloutTexts;
  /** Absent for rollouts that did not complete: they are not graded. */
  readonly grade?: GradeLine;
  readonly problem?: Problem;
}

export interface RolloutPage {
  readonly iteration?: number;
  readonly evaluation?: string;
  readonly total: number;
  readonly offset: number;
  readonly rollouts: readonly RolloutView[];
  /** Conventions of grading that differ from the defaults. */
  readonly grading?: Partial<Conventions>;
}

export interface RolloutReader {
  /** Sample rollouts of the newest finished shard: one per arm of every problem. Empty before the first shard. */
  readRecent(campaign: CampaignDetail, count: number): Promise<RolloutView[]>;
  /**
   * Newest shards first. @throws UseCaseError `not-found` for an unknown campaign, iteration or evaluation; `conflict` for an
   * evaluation that has not ended
   */
  read(filter: RolloutFilter): Promise<RolloutPage>;
  /** @throws UseCaseError as `read` */
  readDecisions(evaluation: string): Promise<EvaluationDecisions>;
  /** @throws UseCaseError as `read`, and `not-found` for an unknown problem */
  readProblem(of: ProblemOf): Promise<ProblemStory>;
  /** Of the rollouts that a campaign is trained on, by iteration; the newest ones that can be read within the limit. */
  readAccuracy(campaign: CampaignDetail, limitMs?: number): Promise<TrainingAccuracy[]>;
  /** How those rollouts use code, by iteration; the newest ones that can be read within two seconds. */
  readBehaviour(campaign: CampaignDetail): Promise<IterationBehaviour[]>;
  /** The series of its trainings. */
  readUpdates(campaign: CampaignDetail): Promise<IterationUpdates[]>;
}

export function createRolloutReader(db: Database, store: ArtifactStore): RolloutReader {
  const sources = new RolloutSources(store);
  const curves = new TrainingCurves(store, sources);

  async function sourceOf(filter: RolloutFilter): Promise<RolloutSource> {
    if (filter.evaluation !== undefined) return sources.ofEvaluation(await requireFinished(db, filter.evaluation));
    const { campaign = '', iteration } = filter;
    return sources.ofIteration(await chooseIteration(db, { campaign, iteration }));
  }

  /** Undefined where none is filtered by. */
  async function decisionsOf({ decision, evaluation }: RolloutFilter): Promise<Decisions | undefined> {
    if (decision === undefined || evaluation === undefined) return undefined;
    const { results, sampling } = await sources.evaluation((await requireFinished(db, evaluation)).manifest);
    return new Map([...results].map(([id, result]) => [id, decisionOn(result, sampling)]));
  }

  return {
    async readRecent(campaign, count) {
      const iteration = campaign.iterations.findLast((item) => item.shardsDone > 0);
      if (iteration === undefined) return [];
      const source = await sources.ofIteration(iteration);
      const shard = await source.shards[0]?.();
      if (shard === undefined) return [];
      return await Promise.all(chooseVaried(shard.summaries, count).map((summary) => viewOf(summary, shard, source)));
    },

    async read(filter) {
      const source = await sourceOf(filter);
      const decisions = await decisionsOf(filter);
      const rollouts: RolloutView[] = [];
      let total = 0;
      for (const open of source.shards) {
        const shard = await open();
        for (const summary of shard.summaries) {
          if (!matches(summary, shard.grades.get(summary.id), filter)) continue;
          if (decisions !== undefined && decisions.get(summary.problemId) !== filter.decision) continue;
          if (filter.grep !== undefined && !(await contains(summary, shard, source, filter.grep))) continue;
          total += 1;
          if (total <= filter.offset || rollouts.length >= filter.limit) continue;
          rollouts.push(await viewOf(summary, shard, source));
        }
      }
      const { of, grading } = source;
      return { ...of, total, offset: filter.offset, rollouts, ...(grading === undefined ? {} : { grading }) };
    },

    readDecisions: (evaluation) => readDecisions(db, sources, evaluation),
    readProblem: (of) => readProblem(db, sources, of),
    readAccuracy: (campaign, limitMs) => curves.accuracy(campaign, limitMs),
    readBehaviour: (campaign) => curves.behaviour(campaign),
    readUpdates: (campaign) => curves.updates(campaign),
  };
}

type Decisions = ReadonlyMap<string, Decision | undefined>;

async function viewOf(summary: RolloutSummary, shard: Shard, { of, problems }: RolloutSource): Promise<RolloutView> {
  const grade = shard.grades.get(summary.id);
  const problem = problems.get(summary.problemId);
  return {
    ...summary,
    ...of,
    texts: await shard.readTexts(summary.id),
    ...(grade === undefined ? {} : { grade }),
    ...(problem === undefined ? {} : { problem }),
  };
}

async function contains(
  { id, problemId }: RolloutSummary,
  shard: Shard,
  { problems }: RolloutSource,
  text: string,
): Promise<boolean> {
  const { segments } = await shard.readTexts(id);
  const searched = [problems.get(problemId)?.problem ?? '', ...segments.map((segment) => segment.text)];
  return searched.join('').toLowerCase().includes(text.toLowerCase());
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

function matches(summary: RolloutSummary, grade: GradeLine | undefined, filter: RolloutFilter): boolean {
  return (
    (filter.id === undefined || summary.id === filter.id) &&
    (filter.arm === undefined || summary.arm === filter.arm) &&
    (filter.problem === undefined || summary.problemId === filter.problem) &&
    (filter.end === undefined || summary.state === (filter.end satisfies RolloutEnd)) &&
    (filter.grade === undefined || (grade?.verdict ?? 'none') === filter.grade)
  );
}
