/** What the grader's rules leave undecided, asked of SymPy in the sandbox. What the sandbox fails at is lost, as rollouts are. */
import { stepKey } from '../src/artifacts/digest.ts';
import { runStep } from '../src/artifacts/step.ts';
import type { Manifest } from '../src/artifacts/types.ts';
import { writeJsonLines } from '../src/formats/json-lines.ts';
import { compileGold, isGoldError } from '../src/grader/grade.ts';
import { settleUndecided, sympyLost, type UndecidedPair } from '../src/grader/sympy-fallback.ts';
import type { GradeResult } from '../src/grader/types.ts';
import type { RolloutSummary } from '../src/rollout/file.ts';
import type { Sandbox } from '../src/sandbox/types.ts';
import type { ExecuteDeps } from './execute.ts';
import { countNames, type GradeLine, lossOf } from './grade.ts';
import { settleGradesInput } from './inputs.ts';
import { GRADER_FINGERPRINT } from './support/grader-fingerprint.ts';
import { lossyStepOf, readLines, requireManifest } from './support/rollout-blobs.ts';
import { openPatiently, runSnippets } from './support/run-snippets.ts';
import { runActivity, type StepContext } from './support/run-step.ts';
import { readJson, type ShardPlan } from './support/shard-plan.ts';
import type { LossyStep, SettleActivities, SettleGradesInput } from './types.ts';

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
  const sandbox = await openOrFail(() => openPatiently(() => sandboxFor(limits), patienceMs, context), context);
  const summaries = await readLines<RolloutSummary>(store, await requireManifest(store, rollouts), 'summary');
  const rolloutOf = new Map(summaries.map((summary) => [summary.id, summary]));
  const goldOf = new Map(problems.map(({ id, answer }) => [id, answer]));

  const settle = async (earlier: Manifest) => {
    const lines = await readLines<GradeLine>(store, earlier, 'grades');
    const isRetry = earlier !== graded;
    const pairs = lines
      .filter((line) => lossOf(line) === (isRetry ? 'sympy' : undefined))
      .flatMap((line) => pairOf(line, goldOf.get(rolloutOf.get(line.id)?.problemId ?? '')));
    const settled =
      'failure' in sandbox ? lost(pairs, sandbox.failure) : await ask(sandbox, pairs, patienceMs, context);
    const after = lines.map((line): GradeLine => ({ ...line, ...settled.get(line.id) }));
    const counts: Record<string, number> = { graded: 0, settled: pairs.length };
    for (const line of after)
      for (const name of countNames(rolloutOf.get(line.id)?.arm ?? 'auto', line))
        counts[name] = (counts[name] ?? 0) + 1;
    const cause = graded.facts.cause ?? after.find((line) => lossOf(line) === 'sympy')?.reason;
    return {
      outputs: { grades: await store.putBlob(writeJsonLines(after)) },
      facts: { ...counts, ...(cause === undefined ? {} : { cause }) },
    };
  };
  const inputs = { plan, rollouts, grades };
  const config = {
    grader: GRADER_FINGERPRINT,
    sandbox: 'failure' in sandbox ? 'none' : sandbox.fingerprint,
  };
  const step = { ...STAGE, inputs, config, seed: '' };
  let manifest = await runStep(store, step, () => settle(graded));
  while (Object.keys(manifest.facts).some((name) => /^failed\..+\.sympy$/.test(name))) {
    const earlier = manifest;
    const again = { ...step, inputs: { ...inputs, earlier: earlier.key } };
    const done = await store.readManifest(stepKey(again));
    if (done === undefined && !retriesFailed) break;
    manifest = done ?? (await runStep(store, again, () => settle(earlier)));
    if (done === undefined) break;
  }
  return lossyStepOf(manifest);
}

function pairOf({ id, verdict, answer }: GradeLine, gold: string | undefined): UndecidedPair[] {
  if (verdict !== 'undecided' || answer === undefined || gold === undefined) return [];
  const compiled = compileGold(gold);
  return isGoldError(compiled) ? [] : [{ id, gold: compiled, answer }];
}

async function ask(
  sandbox: Sandbox,
  pairs: readonly UndecidedPair[],
  patienceMs: number,
  context: StepContext,
): Promise<ReadonlyMap<string, GradeResult>> {
  try {
    return await settleUndecided(pairs, (requests) => runSnippets(sandbox, requests, patienceMs, context));
  } catch (error) {
    context.signal.throwIfAborted();
    return lost(pairs, error);
  }
}

function lost(pairs: readonly UndecidedPair[], error: unknown): ReadonlyMap<string, GradeResult> {
  const message = error instanceof Error ? error.message : String(error);
  return new Map(pairs.map(({ id, answer }) => [id, { ...sympyLost(message), answer }]));
}

async function openOrFail(
  open: () => Promise<Sandbox>,
  { signal }: StepContext,
): Promise<Sandbox | { readonly failure: unknown }> {
  try {
    return await open();
  } catch (failure) {
    signal.throwIfAborted();
    return { failure };
  }
}
