/** What the grader's rules leave undecided, asked of SymPy in the sandbox. What fails there stays undecided, with its cause. */
import { runStep } from '../src/artifacts/step.ts';
import { writeJsonLines } from '../src/formats/json-lines.ts';
import { compileGold, isGoldError } from '../src/grader/grade.ts';
import { settleUndecided, type UndecidedPair } from '../src/grader/sympy-fallback.ts';
import type { GradeResult } from '../src/grader/types.ts';
import type { RolloutSummary } from '../src/rollout/file.ts';
import type { Sandbox } from '../src/sandbox/types.ts';
import type { ExecuteDeps } from './execute.ts';
import { countNames, GRADER_FAILED, type GradeLine } from './grade.ts';
import { settleGradesInput } from './inputs.ts';
import { GRADER_FINGERPRINT } from './support/grader-fingerprint.ts';
import { lossyStepOf, readLines, requireManifest } from './support/rollout-blobs.ts';
import { openPatiently, runSnippets } from './support/run-snippets.ts';
import { runActivity, type StepContext } from './support/run-step.ts';
import { readJson, type ShardPlan } from './support/shard-plan.ts';
import type { SettleActivities, SettleGradesInput } from './types.ts';

const STAGE = { stage: 'settle', version: 1 } as const;

export function createSettleActivities(deps: ExecuteDeps): SettleActivities {
  return { settleGrades: runActivity(settleGradesInput, (input, context) => settleGrades(deps, input, context)) };
}

/** The shard's grades once more, with SymPy's verdicts; its manifest has the inputs and outputs of the grades'. */
async function settleGrades(
  { store, sandboxFor }: ExecuteDeps,
  { grades, patienceMs }: SettleGradesInput,
  context: StepContext,
) {
  const graded = await requireManifest(store, grades);
  const { plan, rollouts } = graded.step.inputs;
  if (plan === undefined || rollouts === undefined) throw new Error(`grades ${grades} name no plan or no rollouts`);
  const { problems, limits } = await readJson<ShardPlan>(store, plan);
  const sandbox = await openOrFail(() => openPatiently(() => sandboxFor(limits), patienceMs, context), context);
  const fingerprint = 'failure' in sandbox ? 'none' : sandbox.fingerprint;
  const step = {
    ...STAGE,
    inputs: { plan, rollouts, grades },
    config: { grader: GRADER_FINGERPRINT, sandbox: fingerprint },
    seed: '',
  };
  const manifest = await runStep(store, step, async () => {
    const lines = await readLines<GradeLine>(store, graded, 'grades');
    const summaries = await readLines<RolloutSummary>(store, await requireManifest(store, rollouts), 'summary');
    const problemOf = new Map(summaries.map(({ id, problemId }) => [id, problemId]));
    const goldOf = new Map(problems.map(({ id, answer }) => [id, answer]));
    const pairs = lines.flatMap((line) => pairOf(line, goldOf.get(problemOf.get(line.id) ?? '')));
    const settled =
      'failure' in sandbox ? failed(pairs, sandbox.failure) : await ask(sandbox, pairs, patienceMs, context);
    const after = lines.map((line): GradeLine => ({ ...line, ...settled.get(line.id) }));
    const armOf = new Map(summaries.map(({ id, arm }) => [id, arm]));
    const counts: Record<string, number> = { graded: 0, settled: pairs.length };
    for (const line of after)
      for (const name of countNames(armOf.get(line.id) ?? 'auto', line)) counts[name] = (counts[name] ?? 0) + 1;
    const { cause } = graded.facts;
    return {
      outputs: { grades: await store.putBlob(writeJsonLines(after)) },
      facts: { ...counts, ...(cause === undefined ? {} : { cause }) },
    };
  });
  return lossyStepOf(manifest);
}

function pairOf({ id, verdict, reason, answer }: GradeLine, gold: string | undefined): UndecidedPair[] {
  if (verdict !== 'undecided' || reason === GRADER_FAILED || answer === undefined || gold === undefined) return [];
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
    return failed(pairs, error);
  }
}

function failed(pairs: readonly UndecidedPair[], error: unknown): ReadonlyMap<string, GradeResult> {
  const message = error instanceof Error ? error.message : String(error);
  const reason = `sympy-failed: ${message.slice(0, 120)}`;
  return new Map(pairs.map(({ id, answer }) => [id, { verdict: 'undecided', reason, answer }]));
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
