/**
 * The stages `execute` and `execute-failed`: run the code that the model wrote. Every behaviour of the code is a result;
 * only the sandbox itself can fail.
 */

import { z } from 'zod';
import { jsonLines, readJson } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { ExecutedAgain, ExecuteFailedInput, ExecuteInput, LossyStep } from '../protocol/activities.ts';
import { executionCount, tally } from '../protocol/counts.ts';
import { reopenRollout } from '../rollout/turn.ts';
import type { BlockResult } from '../rollout/types.ts';
import type { ExecutionLimits, ExecutionResult, Sandbox } from '../sandbox/types.ts';
import { openPatiently, runSnippets } from './run-snippets.ts';
import { loadRollouts, type SampledStep, sampleStep } from './sample.ts';
import type { ShardPlan } from './shard-plan.ts';
import { snippetOf } from './snippet.ts';
import type { StepContext } from './step-context.ts';
import { lossyFactsSchema, lossyStepOf } from './step-facts.ts';

/** The output of a code block, for the rollout that waits for it. It holds no times, so equal runs give equal bytes. */
export interface ExecutionLine extends BlockResult {
  readonly id: string;
}

export const executeStep = defineStep({
  stage: 'execute',
  version: 1,
  inputs: z.object({ snippets: digestSchema }),
  outputs: { results: jsonLines<ExecutionLine>() },
  facts: lossyFactsSchema,
});

export const executeFailedStep = defineStep({
  stage: 'execute-failed',
  version: 1,
  inputs: z.object({ turn: digestSchema }),
  outputs: { results: jsonLines<ExecutionLine>() },
  facts: lossyFactsSchema,
});

export interface ExecuteDeps {
  readonly store: ArtifactStore;
  /** Returns the pool with these limits; each pool is opened once. */
  readonly sandboxFor: (limits: ExecutionLimits) => Promise<Sandbox>;
}

/** Runs the code of the turn's rollouts that wait for it. */
export async function executeTurn(
  deps: ExecuteDeps,
  { turn: key, patienceMs }: ExecuteInput,
  context: StepContext,
): Promise<LossyStep> {
  const { store } = deps;
  const turn = await sampleStep.read(store, key);
  const { snippets } = turn.outputs;
  const sandbox = await openSandbox(deps, turn, patienceMs, context);
  const at = { inputs: { snippets: snippets.digest }, config: { fingerprint: sandbox.fingerprint } };
  const done = await executeStep.run(store, at, async () =>
    workOf(await runSnippets(sandbox, await snippets.read(), patienceMs, context)),
  );
  return lossyStepOf(done);
}

/** Retries the code of rollouts that ended as `infrastructure`. Null: there is no earlier retry, and none is allowed. */
export async function executeFailed(
  deps: ExecuteDeps,
  { turn: key, mayRun, patienceMs }: ExecuteFailedInput,
  context: StepContext,
): Promise<ExecutedAgain | null> {
  const { store } = deps;
  const turn = await sampleStep.read(store, key);
  const sandbox = await openSandbox(deps, turn, patienceMs, context);
  const at = { inputs: { turn: key }, config: { fingerprint: sandbox.fingerprint } };
  const before = await executeFailedStep.find(store, at);
  if (before !== undefined) return { ...lossyStepOf(before), isNew: false };
  if (!mayRun) return null;
  const done = await executeFailedStep.run(store, at, async () => {
    const failed = (await loadRollouts(store, turn)).filter(({ state }) => state === 'infrastructure');
    const plan = await readJson<ShardPlan>(store, turn.inputs.plan);
    const requests = failed.map((rollout) => snippetOf(reopenRollout(rollout), plan));
    return workOf(await runSnippets(sandbox, requests, patienceMs, context));
  });
  return { ...lossyStepOf(done), isNew: true };
}

/** Runs snippets with the limits of the turn's shard. */
function openSandbox(
  { store, sandboxFor }: ExecuteDeps,
  { inputs }: SampledStep,
  patienceMs: number,
  context: StepContext,
): Promise<Sandbox> {
  return openPatiently(
    async () => sandboxFor((await readJson<ShardPlan>(store, inputs.plan)).limits),
    patienceMs,
    context,
  );
}

/**
 * Counts by end are part of the result. The cost of the run is not, since it differs from run to run: the sums
 * `execution.cpuMs` and `execution.queueMs`, and `execution.cached`, the number of results that came from the cache.
 */
function workOf(results: readonly ExecutionResult[]) {
  const facts = { executions: results.length, ...tally(results.map(({ end }) => executionCount(end))) };
  const sum = (figure: (result: ExecutionResult) => number): number =>
    Math.round(results.reduce((total, result) => total + figure(result), 0));
  const usage = {
    [executionCount('cached')]: sum(({ cached }) => (cached ? 1 : 0)),
    [executionCount('cpuMs')]: sum(({ cached, cpuMs }) => (cached ? 0 : cpuMs)),
    [executionCount('queueMs')]: sum(({ queueMs }) => queueMs),
  };
  const cause = results.find(({ end }) => end === 'infrastructure')?.cause;
  return {
    outputs: { results: results.map(lineOf) },
    facts: { ...facts, ...(cause === undefined ? {} : { cause }) },
    information: { usage },
  };
}

/** The stored line of a result: without times, so equal runs give equal bytes. */
export function lineOf({ id, end, stdout, value, exception }: ExecutionResult): ExecutionLine {
  const shown = value === undefined ? {} : { value };
  return { id, end, stdout, ...shown, ...(exception === undefined ? {} : { exception }) };
}
