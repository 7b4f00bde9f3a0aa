/** Runs what the model wrote. Whatever the code does is a result; only the sandbox itself can fail. */
import { stepKey } from '../artifacts/digest.ts';
import { outputOf, runStep } from '../artifacts/step.ts';
import type { ArtifactStore, Manifest } from '../artifacts/types.ts';
import { WARM_UP_LIMITS } from '../config/execution-limits.ts';
import { batchRunner } from '../datasets/batch-program.ts';
import { readJsonLines, writeJsonLines } from '../formats/json-lines.ts';
import type {
  ExecuteBatchInput,
  ExecutedAgain,
  ExecuteFailedInput,
  ExecuteInput,
  LossyStep,
  StepDone,
} from '../protocol/activities.ts';
import { reopenRollout } from '../rollout/turn.ts';
import type { ExecutionLimits, ExecutionRequest, ExecutionResult, Sandbox } from '../sandbox/types.ts';
import { countsOf, loadRollouts, lossyStepOf, requireManifest } from './rollout-blobs.ts';
import { openPatiently, runSnippets } from './run-snippets.ts';
import type { ExecutionLine } from './sample.ts';
import { readJson, type ShardPlan } from './shard-plan.ts';
import { snippetOf } from './snippet.ts';
import type { StepContext } from './step-context.ts';
import { named } from './step-failure.ts';

const TURN_STAGE = { stage: 'execute', version: 1 } as const;
const AGAIN_STAGE = { stage: 'execute-failed', version: 1 } as const;
const BATCH_STAGE = { stage: 'execute-batch', version: 1 } as const;

export interface ExecuteDeps {
  readonly store: ArtifactStore;
  /** The pool with these limits, opened once. */
  readonly sandboxFor: (limits: ExecutionLimits) => Promise<Sandbox>;
}

/** Runs the code of the turn's rollouts that wait for it. */
export async function executeTurn(
  { store, sandboxFor }: ExecuteDeps,
  { turn: key, patienceMs }: ExecuteInput,
  context: StepContext,
): Promise<LossyStep> {
  const turn = await requireManifest(store, key);
  const snippets = outputOf(turn, 'snippets').digest;
  const sandbox = await openPatiently(
    async () => sandboxFor((await planOfTurn(store, turn)).limits),
    patienceMs,
    context,
  );
  const step = { ...TURN_STAGE, inputs: { snippets }, config: { fingerprint: sandbox.fingerprint }, seed: '' };
  const manifest = await runStep(store, step, async () => {
    const requests = readJsonLines<ExecutionRequest>(await store.readBlob(snippets), 'snippets');
    return storeResults(store, await runSnippets(sandbox, requests, patienceMs, context));
  });
  return lossyStepOf(manifest);
}

/** Runs the code of rollouts that ended as `infrastructure` once more. Null: nothing was done before, and nothing may be. */
export async function executeFailed(
  { store, sandboxFor }: ExecuteDeps,
  { turn: key, mayRun, patienceMs }: ExecuteFailedInput,
  context: StepContext,
): Promise<ExecutedAgain | null> {
  const turn = await requireManifest(store, key);
  const sandbox = await openPatiently(
    async () => sandboxFor((await planOfTurn(store, turn)).limits),
    patienceMs,
    context,
  );
  const step = { ...AGAIN_STAGE, inputs: { turn: key }, config: { fingerprint: sandbox.fingerprint }, seed: '' };
  const done = await store.readManifest(stepKey(step));
  if (done === undefined && !mayRun) return null;
  const manifest =
    done ??
    (await runStep(store, step, async () => {
      const failed = (await loadRollouts(store, turn)).filter(({ state }) => state === 'infrastructure');
      const plan = await planOfTurn(store, turn);
      const requests = failed.map((rollout) => snippetOf(reopenRollout(rollout), plan));
      return storeResults(store, await runSnippets(sandbox, requests, patienceMs, context));
    }));
  return { ...lossyStepOf(manifest), isNew: done === undefined };
}

/** Runs snippets of the project's own demonstrations, many in one process. */
export async function executeBatch(
  { store, sandboxFor }: ExecuteDeps,
  { batch, patienceMs }: ExecuteBatchInput,
  context: StepContext,
): Promise<StepDone> {
  const sandbox = await openPatiently(() => sandboxFor(WARM_UP_LIMITS), patienceMs, context);
  const step = { ...BATCH_STAGE, inputs: { batch }, config: { fingerprint: sandbox.fingerprint }, seed: '' };
  const manifest = await runStep(store, step, async () => {
    const codes = await readJson<string[]>(store, batch);
    const patient = {
      run: (requests: readonly ExecutionRequest[]) => runSnippets(sandbox, requests, patienceMs, context),
    };
    const outcomes = await named('sandbox-unavailable', () => batchRunner(patient)(codes));
    const results = await store.putBlob(writeJsonLines(outcomes));
    return { outputs: { results }, facts: { executions: outcomes.length } };
  });
  return { manifest: manifest.key, counts: countsOf(manifest) };
}

async function planOfTurn(store: ArtifactStore, turn: Manifest): Promise<ShardPlan> {
  const { plan } = turn.step.inputs;
  if (plan === undefined) throw new Error(`step ${turn.key} names no plan`);
  return readJson<ShardPlan>(store, plan);
}

/**
 * Counts by end are part of the result. What the run cost is not, since it differs from run to run: sums
 * `execution.cpuMs` and `execution.queueMs`, and `execution.cached` that were answered without one.
 */
async function storeResults(store: ArtifactStore, results: readonly ExecutionResult[]) {
  const facts: Record<string, number> = { executions: results.length };
  for (const { end } of results) facts[`execution.${end}`] = (facts[`execution.${end}`] ?? 0) + 1;
  const sum = (figure: (result: ExecutionResult) => number): number =>
    Math.round(results.reduce((total, result) => total + figure(result), 0));
  const usage = {
    'execution.cached': sum(({ cached }) => (cached ? 1 : 0)),
    'execution.cpuMs': sum(({ cached, cpuMs }) => (cached ? 0 : cpuMs)),
    'execution.queueMs': sum(({ queueMs }) => queueMs),
  };
  const cause = results.find(({ end }) => end === 'infrastructure')?.cause;
  return {
    outputs: { results: await store.putBlob(writeJsonLines(results.map(toLine))) },
    facts: { ...facts, ...(cause === undefined ? {} : { cause }) },
    information: { usage },
  };
}

function toLine({ id, end, stdout, value, exception }: ExecutionResult): ExecutionLine {
  const shown = value === undefined ? {} : { value };
  return { id, end, stdout, ...shown, ...(exception === undefined ? {} : { exception }) };
}
