/**
 * The stage `settle`: what the grader's rules leave undecided, asked of SymPy in the sandbox. What the sandbox fails at is
 * lost, as rollouts are.
 */
import { z } from 'zod';
import { jsonLines, readJson } from '../artifacts/codecs.ts';
import { defineStep, readOneOf } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { GRADER_FINGERPRINT } from '../grader/fingerprint.ts';
import { compileGold, isGoldError } from '../grader/grade.ts';
import { settleUndecided, type UndecidedPair } from '../grader/sympy-fallback.ts';
import type { LossyStep, SettleGradesInput } from '../protocol/activities.ts';
import type { ExecuteDeps } from './execute.ts';
import { countNames, type GradeLine, gradeStep, lossOf } from './grade.ts';
import { runRetriedStep } from './retried-step.ts';
import { openPatiently, runSnippets } from './run-snippets.ts';
import { sampleStep } from './sample.ts';
import type { ShardPlan } from './shard-plan.ts';
import type { StepContext } from './step-context.ts';
import { lossyFactsSchema, lossyStepOf } from './step-facts.ts';

/** Has the inputs and outputs of the grades that it settles, so that it takes their place. */
export const settleStep = defineStep({
  stage: 'settle',
  version: 2,
  inputs: z.object({
    plan: digestSchema,
    rollouts: digestSchema,
    /** Manifest of the grades by the rules alone. */
    grades: digestSchema,
    /** Manifest of the settled grades before, of which some are asked once more. */
    earlier: digestSchema.exactOptional(),
  }),
  outputs: { grades: jsonLines<GradeLine>() },
  facts: lossyFactsSchema,
});

/** A shard's grades, by the rules alone or settled. */
export const readGrades = (store: ArtifactStore, key: Digest) => readOneOf(store, key, [gradeStep, settleStep]);

type GradedStep = Awaited<ReturnType<typeof readGrades>>;

/** What the sandbox lost is asked again in a step of its own after the one before, as `gradeShard` does. */
export async function settleGrades(
  { store, sandboxFor }: ExecuteDeps,
  { grades, retriesFailed, patienceMs }: SettleGradesInput,
  context: StepContext,
): Promise<LossyStep> {
  const graded = await gradeStep.read(store, grades);
  const { plan, rollouts } = graded.inputs;
  const { problems, limits } = await readJson<ShardPlan>(store, plan);
  const sandbox = await openPatiently(() => sandboxFor(limits), patienceMs, context);
  const summaries = await (await sampleStep.read(store, rollouts)).outputs.summary.read();
  const rolloutOf = new Map(summaries.map((summary) => [summary.id, summary]));
  const goldOf = new Map(problems.map(({ id, answer }) => [id, answer]));

  const settle = async (earlier: GradedStep | undefined) => {
    const lines = await (earlier ?? graded).outputs.grades.read();
    const wanted = earlier === undefined ? undefined : 'sympy';
    const pairs = lines
      .filter((line) => lossOf(line) === wanted)
      .flatMap((line) => pairOf(line, goldOf.get(rolloutOf.get(line.id)?.problemId ?? '')));
    const settled = await settleUndecided(pairs, (requests) => runSnippets(sandbox, requests, patienceMs, context));
    const after = lines.map((line): GradeLine => ({ ...line, ...settled.get(line.id) }));
    const counts: Record<string, number> = { graded: 0 };
    for (const line of after)
      for (const name of countNames(rolloutOf.get(line.id)?.arm ?? 'auto', line))
        counts[name] = (counts[name] ?? 0) + 1;
    const cause = graded.facts.cause ?? after.find((line) => lossOf(line) === 'sympy')?.reason;
    return { outputs: { grades: after }, facts: { ...counts, ...(cause === undefined ? {} : { cause }) } };
  };
  const config = { grader: GRADER_FINGERPRINT, sandbox: sandbox.fingerprint };
  const at = { inputs: { plan, rollouts, grades }, config };
  return lossyStepOf(await runRetriedStep(store, settleStep, at, { cause: 'sympy', retriesFailed }, settle));
}

function pairOf({ id, verdict, answer }: GradeLine, gold: string | undefined): UndecidedPair[] {
  if (verdict !== 'undecided' || answer === undefined || gold === undefined) return [];
  const compiled = compileGold(gold);
  return isGoldError(compiled) ? [] : [{ id, gold: compiled, answer }];
}
