/** The stage `settle`: the scorers after the rules decide what the rules leave undecided. Each scorer is one step. */
import { z } from 'zod';
import { jsonLines } from '../artifacts/codecs.ts';
import { defineStep, readOneOf } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { LossyStep, SettleGradesInput } from '../protocol/activities.ts';
import type { ExecutionRequest } from '../sandbox/types.ts';
import type { LaterScorer } from '../scoring/scorer.ts';
import { LATER_SCORERS } from '../scoring/scorers.ts';
import type { ExecuteDeps } from './execute.ts';
import { gradeStep } from './grade.ts';
import { runRetriedStep } from './retried-step.ts';
import { openPatiently, runSnippets } from './run-snippets.ts';
import { type GradeLine, keyOf, readAttempts, scoreAttempts } from './score-attempts.ts';
import type { StepContext } from './step-context.ts';
import { lossyFactsSchema, lossyStepOf } from './step-facts.ts';

/** A settled step has the same inputs and outputs as the grades that it settles, so later steps read either. */
export const settleStep = defineStep({
  stage: 'settle',
  version: 2,
  inputs: z.object({
    plan: digestSchema,
    rollouts: digestSchema,
    /** Manifest of the grades before this scorer: those by the rules alone, or those that an earlier scorer settled. */
    grades: digestSchema,
    /** Manifest of the earlier settled grades, of which some are retried. */
    earlier: digestSchema.exactOptional(),
  }),
  outputs: { grades: jsonLines<GradeLine>() },
  facts: lossyFactsSchema,
});

/** A shard's grades, by the rules alone or settled. */
export const readGrades = (store: ArtifactStore, key: Digest) => readOneOf(store, key, [gradeStep, settleStep]);

type GradedStep = Awaited<ReturnType<typeof readGrades>>;

/**
 * Asks each scorer in turn; a scorer starts from the grades of the one before it. Attempts that a scorer failed at are
 * retried in a step of their own, as in `gradeShard`.
 *
 * @param scorers - In the order in which they are asked
 */
export async function settleGrades(
  { store, sandboxFor }: ExecuteDeps,
  { grades, retriesFailed, patienceMs }: SettleGradesInput,
  context: StepContext,
  scorers: readonly LaterScorer[] = LATER_SCORERS,
): Promise<LossyStep> {
  const graded = await gradeStep.read(store, grades);
  const { plan, rollouts } = graded.inputs;
  const shard = await readAttempts(store, graded.inputs);
  const openSandbox = async () => {
    const sandbox = await openPatiently(() => sandboxFor(shard.plan.limits), patienceMs, context);
    const run = (requests: readonly ExecutionRequest[]) => runSnippets(sandbox, requests, patienceMs, context);
    return { fingerprint: sandbox.fingerprint, run };
  };
  let last: GradedStep = graded;
  for (const later of scorers) {
    const before = last;
    const scorer = await later.open({ openSandbox });
    const at = { inputs: { plan, rollouts, grades: before.key }, config: keyOf(scorer, shard.plan) };
    const retry = { cause: scorer.name, retriesFailed };
    last = await runRetriedStep(store, settleStep, at, retry, async (earlier) => {
      const lines = await (earlier ?? before).outputs.grades.read();
      return scoreAttempts(
        scorer,
        shard,
        { lines, isRetry: earlier !== undefined, cause: before.facts.cause },
        context,
      );
    });
  }
  return lossyStepOf(last);
}
