/** One problem over the iterations and evaluations of a campaign. */
import type { Database } from '../db/database.ts';
import { readCampaign } from '../db/read-campaigns.ts';
import { readRequesters } from '../db/read-checkpoints.ts';
import type { CampaignDetail, EvaluationView, IterationView } from '../db/views.ts';
import type { DecisionPair } from '../methods/prior.ts';
import type { ScoredSummary } from '../methods/scored-rollout.ts';
import type { StrategyOptions } from '../methods/strategy.ts';
import type { Problem } from '../rollout/types.ts';
import { type EvaluatedProblem, evaluatedProblems } from '../scoring/evaluated-problem.ts';
import { problemResults } from '../scoring/problem-results.ts';
import { chooseIteration } from './choose-iteration.ts';
import { readStrategy, requireFinished } from './read-decisions.ts';
import { type FinishedEvaluation, orUndefined, type RolloutSource, type RolloutSources } from './rollout-source.ts';
import { UseCaseError } from './use-case-error.ts';

/** A problem by its id among the problems of an iteration or an evaluation: ids of two files may be equal. */
export interface ProblemOf {
  readonly problem: string;
  readonly campaign?: string | undefined;
  readonly iteration?: number | undefined;
  readonly evaluation?: string | undefined;
}

/** What was sampled of the problem, once. */
export type ProblemEvent = { readonly row: EvaluatedProblem } & (
  | { readonly kind: 'training'; readonly iteration: number }
  | { readonly kind: 'evaluation'; readonly evaluation: EvaluationView }
);

export interface ProblemStory {
  readonly problem: Problem;
  /** Whose events are listed; absent for an evaluation that no campaign asked for. */
  readonly campaignId?: string;
  /** By iteration: the rollouts that it was trained on, then the evaluation of what it made. */
  readonly events: readonly ProblemEvent[];
}

/** @throws UseCaseError `not-found` for an unknown campaign, iteration, evaluation or problem; `conflict` for an unfinished evaluation */
export async function readProblem(db: Database, sources: RolloutSources, of: ProblemOf): Promise<ProblemStory> {
  const problem = await findProblem(db, sources, of);
  const evaluation = of.evaluation === undefined ? undefined : await requireFinished(db, of.evaluation);
  const campaignId = of.campaign ?? (await requesterOf(db, evaluation));
  const campaign = campaignId === undefined ? undefined : await readCampaign(db, campaignId);
  const strategy = await readStrategy(db, campaignId);
  if (campaign === undefined) {
    const events = evaluation === undefined ? [] : await measured(sources, [evaluation], problem, strategy);
    return { problem, events };
  }
  const listed = campaign.evaluations.some(({ id }) => id === evaluation?.id);
  const evaluations = evaluation === undefined || listed ? campaign.evaluations : [...campaign.evaluations, evaluation];
  const events = [
    ...(await measured(sources, evaluations, problem, strategy)),
    ...(await trained(sources, campaign, problem, strategy)),
  ];
  return { problem, campaignId: campaign.id, events: events.sort((a, b) => orderOf(a) - orderOf(b)) };
}

async function findProblem(
  db: Database,
  sources: RolloutSources,
  { problem: id, campaign, iteration, evaluation }: ProblemOf,
): Promise<Problem> {
  const source =
    evaluation === undefined
      ? await sources.ofIteration(await chooseIteration(db, { campaign: campaign ?? '', iteration }))
      : await sources.ofEvaluation(await requireFinished(db, evaluation));
  const problem = source.problems.get(id);
  if (problem === undefined)
    throw new UseCaseError('not-found', `${evaluation ?? `the iteration of ${campaign}`} has no problem "${id}"`);
  return problem;
}

async function requesterOf(db: Database, evaluation: EvaluationView | undefined): Promise<string | undefined> {
  return evaluation === undefined ? undefined : (await readRequesters(db, evaluation.id))[0]?.campaignId;
}

async function measured(
  sources: RolloutSources,
  evaluations: readonly EvaluationView[],
  problem: Problem,
  strategy: StrategyOptions,
): Promise<ProblemEvent[]> {
  const events: ProblemEvent[] = [];
  for (const evaluation of evaluations) {
    const { manifest } = evaluation;
    const stored =
      manifest === undefined
        ? undefined
        : await orUndefined(sources.evaluation((evaluation as FinishedEvaluation).manifest));
    const own = stored?.plans.flatMap(({ problems }) => problems).find((item) => isSame(item, problem));
    if (stored === undefined || own === undefined) continue;
    const [row] = evaluatedProblems({ ...stored, problems: [own] }, strategy);
    if (row !== undefined) events.push({ kind: 'evaluation', evaluation, row });
  }
  return events;
}

async function trained(
  sources: RolloutSources,
  { iterations }: CampaignDetail,
  problem: Problem,
  strategy: StrategyOptions,
): Promise<ProblemEvent[]> {
  const events: ProblemEvent[] = [];
  for (const iteration of iterations) {
    const row = await orUndefined(trainedIn(sources, iteration, problem, strategy));
    if (row !== undefined) events.push({ kind: 'training', iteration: iteration.iteration, row });
  }
  return events;
}

async function trainedIn(
  sources: RolloutSources,
  iteration: IterationView,
  problem: Problem,
  strategy: StrategyOptions,
): Promise<EvaluatedProblem | undefined> {
  const source = await sources.ofIteration(iteration);
  const own = [...source.problems.values()].find((item) => isSame(item, problem));
  const found = own === undefined ? undefined : await scoredOf(source, own.id);
  if (own === undefined || found === undefined) return undefined;
  const { summaries, logProbs } = found;
  const prefixLogProbs = new Map(logProbs === undefined ? [] : [[own.id, logProbs]]);
  const results = problemResults(summaries, prefixLogProbs, (answer) => answer.trim());
  // Rollouts of a training are sampled, never greedy.
  const parts = { problems: [own], summaries, results, sampling: { temperature: 1 } };
  return evaluatedProblems(parts, strategy)[0];
}

/** All rollouts of a problem are in one shard. */
async function scoredOf(
  { shards }: RolloutSource,
  problemId: string,
): Promise<{ readonly summaries: ScoredSummary[]; readonly logProbs: DecisionPair | undefined } | undefined> {
  for (const open of shards) {
    const { summaries: all, grades, readPrefixLogProbs } = await open();
    const summaries = all
      .filter((summary) => summary.problemId === problemId)
      .map((summary) => ({ ...summary, ...gradeOf(grades.get(summary.id)?.verdict) }));
    if (summaries.length > 0) return { summaries, logProbs: (await readPrefixLogProbs()).get(problemId) };
  }
  return undefined;
}

const gradeOf = (grade: ScoredSummary['grade']): Pick<ScoredSummary, 'grade'> => (grade === undefined ? {} : { grade });

const isSame = (a: Problem, b: Problem): boolean => a.problem === b.problem && a.answer === b.answer;

/** Evaluation n measures what training n made, so it comes after it. Evaluations on demand come last. */
function orderOf(event: ProblemEvent): number {
  if (event.kind === 'training') return event.iteration;
  return event.evaluation.iteration === undefined ? Number.POSITIVE_INFINITY : event.evaluation.iteration + 0.5;
}
