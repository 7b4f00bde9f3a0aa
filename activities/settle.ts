/** What the grader's rules leave undecided, asked of SymPy in the sandbox. What the sandbox fails at is lost, as rollouts are. */
import type { Manifest } from '../src/artifacts/types.ts';
import { writeJsonLines } from '../src/formats/json-lines.ts';
import { GRADER_FINGERPRINT } from '../src/grader/fingerprint.ts';
import { compileGold, isGoldError } from '../src/grader/grade.ts';
import { settleUndecided, type UndecidedPair } from '../src/grader/sympy-fallback.ts';
import type { LossyStep, SettleActivities, SettleGradesInput } from '../src/protocol/activities.ts';
import { settleGradesInput } from '../src/protocol/activity-inputs.ts';
import type { RolloutSummary } from '../src/rollout/file.ts';
import { lossyStepOf, readLines, requireManifest } from '../src/steps/rollout-blobs.ts';
import { readJson, type ShardPlan } from '../src/steps/shard-plan.ts';
import type { ExecuteDeps } from './execute.ts';
import { countNames, type GradeLine, lossOf } from './grade.ts';
import { runRetriedStep } from './support/retried-step.ts';
import { openPatiently, runSnippets } from './support/run-snippets.ts';
import { runActivity, type StepContext } from './support/run-step.ts';

const STAGE = { stage: 'settle', version: 2 } as const;

export function createSettleActivities(deps: ExecuteDeps): SettleActivities {
  return { settleGrades: runActivity(settleGradesInput, (input, context) => settleGrades(deps, input, context)) };
}

/**
 * The shard's grades once more, with SymPy's verdicts; its manifest has the inputs and outputs of the grades'. What the
 * sandbox lost is asked again in a step of its own after the one before, as `gradeShard` does.
 */
async function settleGrades(
  { store, sandboxFor }: ExecuteDeps,
  { grades, retriesFailed, patienceMs }: SettleGradesInput,
  context: StepContext,
): Promise<LossyStep> {
  const graded = await requireManifest(store, grades);
  const { plan, rollouts } = graded.step.inputs;
  if (plan === undefined || rollouts === undefined) throw new Error(`grades ${grades} name no plan or no rollouts`);
  const { problems, limits } = await readJson<ShardPlan>(store, plan);
  const sandbox = await openPatiently(() => sandboxFor(limits), patienceMs, context);
  const summaries = await readLines<RolloutSummary>(store, await requireManifest(store, rollouts), 'summary');
  const rolloutOf = new Map(summaries.map((summary) => [summary.id, summary]));
  const goldOf = new Map(problems.map(({ id, answer }) => [id, answer]));

  const settle = async (earlier: Manifest | undefined) => {
    const lines = await readLines<GradeLine>(store, earlier ?? graded, 'grades');
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
    return {
      outputs: { grades: await store.putBlob(writeJsonLines(after)) },
      facts: { ...counts, ...(cause === undefined ? {} : { cause }) },
    };
  };
  const config = { grader: GRADER_FINGERPRINT, sandbox: sandbox.fingerprint };
  const step = { ...STAGE, inputs: { plan, rollouts, grades }, config, seed: '' };
  return lossyStepOf(await runRetriedStep(store, step, { cause: 'sympy', retriesFailed }, settle));
}

function pairOf({ id, verdict, answer }: GradeLine, gold: string | undefined): UndecidedPair[] {
  if (verdict !== 'undecided' || answer === undefined || gold === undefined) return [];
  const compiled = compileGold(gold);
  return isGoldError(compiled) ? [] : [{ id, gold: compiled, answer }];
}
