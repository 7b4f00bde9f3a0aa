/** What the stages of grading share: a scorer over a shard's completed rollouts. */
import { readJson } from '../artifacts/codecs.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { gradedText } from '../grader/graded-text.ts';
import { gradeCount, lossCount, rolloutCount, tally } from '../protocol/counts.ts';
import { ownTurns } from '../rollout/segments.ts';
import type { Arm } from '../rollout/types.ts';
import { type Attempt, applyScorer, lossOf, type Score, type Scorer } from '../scoring/scorer.ts';
import { sampleStep } from './sample.ts';
import type { ShardPlan } from './shard-plan.ts';
import type { StepContext } from './step-context.ts';

export interface GradeLine extends Score {
  /** Id of the rollout. */
  readonly id: string;
}

export interface ShardAttempts {
  readonly plan: ShardPlan;
  /** In the order of the rollouts: those that completed and, where the plan says so, violations. */
  readonly attempts: readonly (Attempt & { readonly arm: Arm })[];
}

/** The rollouts of a shard's last turn that are graded. */
export async function readAttempts(
  store: ArtifactStore,
  inputs: { readonly plan: Digest; readonly rollouts: Digest },
): Promise<ShardAttempts> {
  const rollouts = await sampleStep.read(store, inputs.rollouts);
  const plan = await readJson<ShardPlan>(store, inputs.plan);
  const problemOf = new Map(plan.problems.map((problem) => [problem.id, problem]));
  const textOf = new Map((await rollouts.outputs.texts.read()).map((line) => [line.id, line]));
  const summaries = (await rollouts.outputs.summary.read()).filter(
    ({ state }) => state === 'completed' || (state === 'violation' && plan.gradesViolations === true),
  );
  const attempts = summaries.map(({ id, problemId, arm }) => {
    const [problem, text] = [problemOf.get(problemId), textOf.get(id)];
    if (problem === undefined) throw new Error(`a rollout answers problem ${problemId}, which its shard does not have`);
    if (text === undefined) throw new Error(`rollout ${id} has no text in ${rollouts.key}`);
    const attempt = { id, arm, problem, response: gradedText(ownTurns(text.segments, text.blocks)) };
    return plan.grading === undefined ? attempt : { ...attempt, conventions: plan.grading };
  });
  return { plan, attempts };
}

/** A scorer's part of a step's key. The key already contains the plan's digest; the conventions are for readers of the manifest. */
export const keyOf = (scorer: Scorer, { grading }: Pick<ShardPlan, 'grading'>) =>
  grading === undefined ? scorer.fingerprint : { ...scorer.fingerprint, conventions: grading };

export interface ScoreBefore {
  /** Scores so far. */
  readonly lines: readonly GradeLine[];
  /** Whether only the attempts that the scorer failed at are scored. */
  readonly isRetry: boolean;
  /** What a scorer before this one failed with. */
  readonly cause?: string | undefined;
}

/** The lines after the scorer, with the names that they are counted under. */
export async function scoreAttempts(
  scorer: Scorer,
  { attempts }: ShardAttempts,
  before: ScoreBefore,
  context: StepContext,
) {
  const known = new Map(before.lines.map(({ id, ...score }) => [id, score]));
  const scored = attempts.map((attempt) => {
    const score = known.get(attempt.id);
    return score === undefined ? attempt : { ...attempt, score };
  });
  const grades: readonly GradeLine[] = await applyScorer(scorer, scored, before.isRetry, context);
  const armOf = new Map(attempts.map(({ id, arm }) => [id, arm]));
  const names = grades.flatMap((line) => countNames(armOf.get(line.id) ?? 'auto', line));
  const lost = grades.find((line) => lossOf(line) === scorer.name);
  const own = lost?.cause === undefined ? lost?.reason : `the ${scorer.name} threw: ${lost.cause}`;
  const cause = before.cause ?? own;
  return { outputs: { grades }, facts: { graded: 0, ...tally(names), ...(cause === undefined ? {} : { cause }) } };
}

function countNames(arm: Arm, line: GradeLine): string[] {
  const names = ['graded', gradeCount(line.verdict)];
  if (line.verdict !== 'undecided') return names;
  const loss = lossOf(line);
  return [...names, loss === undefined ? rolloutCount('undecided', arm) : lossCount(arm, loss)];
}
