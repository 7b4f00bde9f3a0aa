/** What the grader's rules leave undecided, asked of SymPy in the sandbox. What the sandbox fails at is lost, as rollouts are. */
import type { Manifest } from '../artifacts/types.ts';
import { writeJsonLines } from '../formats/json-lines.ts';
import { GRADER_FINGERPRINT } from '../grader/fingerprint.ts';
import { compileGold, isGoldError } from '../grader/grade.ts';
import { settleUndecided, type UndecidedPair } from '../grader/sympy-fallback.ts';
import type { LossyStep, SettleGradesInput } from '../protocol/activities.ts';
import type { RolloutSummary } from '../rollout/file.ts';
import type { ExecuteDeps } from './execute.ts';
import { countNames, type GradeLine, lossOf } from './grade.ts';
import { runRetriedStep } from './retried-step.ts';
import { lossyStepOf, readLines, requireManifest } from './rollout-blobs.ts';
import { openPatiently, runSnippets } from './run-snippets.ts';
import { readJson, type ShardPlan } from './shard-plan.ts';
import type { StepContext } from './step-context.ts';

const STAGE = { stage: 'settle', version: 2 } as const;

/**
 * The shard's grades once more, with SymPy's verdicts; its manifest has the inputs and outputs of the grades'. What the
 * sandbox lost is asked again in a step of its own after the one before, as `gradeShard` does.
 */
export async function settleGrades(
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
