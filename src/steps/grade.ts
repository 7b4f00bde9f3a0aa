/** The stage `grade`: grades of a shard's rollouts. A grader that throws leaves its rollout undecided, counted as the grader's own failure. */
import { z } from 'zod';
import { jsonLines, readJson } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import { SYMPY_LOST } from '../grader/sympy-fallback.ts';
import type { GradeResult } from '../grader/types.ts';
import type { GradeShardInput, LossyStep } from '../protocol/activities.ts';
import { finalText } from '../rollout/segments.ts';
import type { Arm, Problem } from '../rollout/types.ts';
import { runRetriedStep } from './retried-step.ts';
import { sampleStep } from './sample.ts';
import type { ShardPlan } from './shard-plan.ts';
import type { StepContext } from './step-context.ts';
import { lossyFactsSchema, lossyStepOf } from './step-facts.ts';

export interface GradeLine extends GradeResult {
  readonly id: string;
  /** For `grader-failed`: what the grader threw. */
  readonly cause?: string;
}

export const gradeStep = defineStep({
  stage: 'grade',
  version: 2,
  inputs: z.object({
    /** Blob of the shard's plan. */
    plan: digestSchema,
    /** Manifest of the shard's last turn. */
    rollouts: digestSchema,
    /** Manifest of the grades before, of which some are tried once more. */
    earlier: digestSchema.exactOptional(),
  }),
  outputs: { grades: jsonLines<GradeLine>() },
  facts: lossyFactsSchema,
});

/** The grader as this stage sees it. */
export interface Grading {
  /** Version and conventions: part of the step key. */
  readonly fingerprint: string;
  /** One grader a problem, its gold compiled once. */
  readonly graderOf: (problem: Problem) => (response: string) => GradeResult | Promise<GradeResult>;
}

/** No verdict, and no fault of the answer. */
const GRADER_FAILED = 'grader-failed';

// Grading shares a thread with the API and the workflows: it lets them in this often.
const BREATH_EVERY_MS = 50;

/** Each retry of what the grader failed at is a step of its own after the one before; the last is the shard's grades. */
export async function gradeShard(
  store: ArtifactStore,
  grading: Grading,
  input: GradeShardInput,
  context: StepContext,
): Promise<LossyStep> {
  const at = { inputs: { plan: input.plan, rollouts: input.rollouts }, config: { grader: grading.fingerprint } };
  const retry = { cause: 'grader', retriesFailed: input.retriesFailed };
  const done = await runRetriedStep(store, gradeStep, at, retry, async (earlier) =>
    gradeRollouts(store, grading, input, (await earlier?.outputs.grades.read()) ?? [], context),
  );
  return lossyStepOf(done);
}

/** Grades what is completed; of `earlier` grades those stand that the grader did not fail at. */
async function gradeRollouts(
  store: ArtifactStore,
  grading: Grading,
  input: GradeShardInput,
  earlier: readonly GradeLine[],
  { report }: StepContext,
) {
  const rollouts = await sampleStep.read(store, input.rollouts);
  const { problems } = await readJson<ShardPlan>(store, input.plan);
  const grade = cachedGraders(problems, grading);
  const summaries = await rollouts.outputs.summary.read();
  const texts = new Map((await rollouts.outputs.texts.read()).map((line) => [line.id, line]));
  const standing = new Map(earlier.flatMap((line) => (line.reason === GRADER_FAILED ? [] : [[line.id, line]])));
  const lines: GradeLine[] = [];
  const counts: Record<string, number> = { graded: 0 };
  let breath = Date.now();
  for (const [at, { id, problemId, arm, state }] of summaries.entries()) {
    if (state !== 'completed') continue;
    const text = texts.get(id);
    if (text === undefined) throw new Error(`rollout ${id} has no text in ${rollouts.key}`);
    const line = standing.get(id) ?? { id, ...(await gradeOne(grade(problemId), finalText(text.segments))) };
    lines.push(line);
    for (const name of countNames(arm, line)) counts[name] = (counts[name] ?? 0) + 1;
    if (Date.now() - breath < BREATH_EVERY_MS) continue;
    report({ done: at, total: summaries.length, unit: 'grades' });
    await new Promise(setImmediate);
    breath = Date.now();
  }
  const cause = lines.find((line) => line.cause !== undefined)?.cause;
  return {
    outputs: { grades: lines },
    facts: { ...counts, ...(cause === undefined ? {} : { cause: `the grader threw: ${cause}` }) },
  };
}

/** What kept the line from a verdict, where that is no property of the answer. */
export function lossOf({ reason }: GradeLine): 'grader' | 'sympy' | undefined {
  if (reason === GRADER_FAILED) return 'grader';
  return reason.startsWith(SYMPY_LOST) ? 'sympy' : undefined;
}

export function countNames(arm: Arm, line: GradeLine): string[] {
  const names = ['graded', `grade.${line.verdict}`];
  if (line.verdict !== 'undecided') return names;
  const loss = lossOf(line);
  return [...names, loss === undefined ? `undecided.${arm}` : `failed.${arm}.${loss}`];
}

type GradeProblem = (response: string) => GradeResult | Promise<GradeResult>;

async function gradeOne(grade: GradeProblem, response: string): Promise<Omit<GradeLine, 'id'>> {
  try {
    return await grade(response);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { verdict: 'undecided', reason: GRADER_FAILED, cause: cause.slice(0, 200) };
  }
}

function cachedGraders(problems: readonly Problem[], grading: Grading): (problemId: string) => GradeProblem {
  const problemOf = new Map(problems.map((problem) => [problem.id, problem]));
  const graders = new Map<string, GradeProblem>();
  return (problemId) => {
    const problem = problemOf.get(problemId);
    if (problem === undefined) throw new Error(`a rollout answers problem ${problemId}, which its shard does not have`);
    const grader = graders.get(problemId) ?? lazily(() => grading.graderOf(problem));
    graders.set(problemId, grader);
    return grader;
  };
}

/** Made at the first response: a grader that can't even be made fails at responses, not at its shard. */
function lazily(make: () => GradeProblem): GradeProblem {
  let made: GradeProblem | undefined;
  return (response) => {
    made ??= make();
    return made(response);
  };
}
