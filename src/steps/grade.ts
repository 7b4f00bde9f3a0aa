/** The stage `grade`: grades of a shard's rollouts. A grader that throws leaves its rollout undecided, counted as the grader's own failure. */
import { z } from 'zod';
import { jsonLines, readJson } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { GradeShardInput, LossyStep } from '../protocol/activities.ts';
import { type Grading, rulesScorer } from '../scoring/rules-scorer.ts';
import { runRetriedStep } from './retried-step.ts';
import { type GradeLine, keyOf, readAttempts, scoreAttempts } from './score-attempts.ts';
import type { ShardPlan } from './shard-plan.ts';
import type { StepContext } from './step-context.ts';
import { lossyFactsSchema, lossyStepOf } from './step-facts.ts';

export const gradeStep = defineStep({
  stage: 'grade',
  version: 2,
  inputs: z.object({
    /** Blob of the shard's plan. */
    plan: digestSchema,
    /** Manifest of the shard's last turn. */
    rollouts: digestSchema,
    /** Manifest of the earlier grades, of which some are retried. */
    earlier: digestSchema.exactOptional(),
  }),
  outputs: { grades: jsonLines<GradeLine>() },
  facts: lossyFactsSchema,
});

/** Grades a shard. Each retry of failed gradings is a step of its own; the last step holds the shard's grades. */
export async function gradeShard(
  store: ArtifactStore,
  grading: Grading,
  { plan, rollouts, retriesFailed }: GradeShardInput,
  context: StepContext,
): Promise<LossyStep> {
  const scorer = rulesScorer(grading);
  const at = { inputs: { plan, rollouts }, config: keyOf(scorer, await readJson<ShardPlan>(store, plan)) };
  const retry = { cause: scorer.name, retriesFailed };
  const done = await runRetriedStep(store, gradeStep, at, retry, async (earlier) => {
    const lines = (await earlier?.outputs.grades.read()) ?? [];
    return scoreAttempts(
      scorer,
      await readAttempts(store, at.inputs),
      { lines, isRetry: earlier !== undefined },
      context,
    );
  });
  return lossyStepOf(done);
}
